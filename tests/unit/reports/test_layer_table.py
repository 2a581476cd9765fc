"""Layer times as tables: means, groups, executed precisions and CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from ovbench_tui.engine.api.events import LayerTime, ProfileTaken
from ovbench_tui.reports.layer_table import (
    Fate,
    LayerRow,
    MeanProfile,
    by_precision,
    by_type,
    executed_precision,
    is_other_precision,
    layer_rows,
    layers_csv,
)

CONV = LayerTime("conv", "Convolution", "brgconv_avx2_1x1_f32", "EXECUTED", 3.0, 2.5)
QUANT = LayerTime("quant", "Convolution", "jit_avx2_I8", "EXECUTED", 1.0, 1.0)
FUSED = LayerTime("relu", "Relu", "undef", "NOT_RUN", 0.0, 0.0)
GONE = LayerTime("gone", "Reshape", "unknown_f32", "OPTIMIZED_OUT", 0.0, 0.0)
INPUT = LayerTime("x", "Parameter", "unknown_f32", "NOT_RUN", 0.0, 0.0)
LAYERS = (INPUT, CONV, FUSED, QUANT, GONE)


def _profile(*requests: tuple[LayerTime, ...]) -> ProfileTaken:
    return ProfileTaken(1, requests)


@pytest.mark.parametrize(
    ("exec_type", "precision"),
    [
        ("jit_avx2_f32", "f32"),
        ("jit_avx2_1x1_I8", "i8"),
        ("brgemm_avx512_amx_bf16", "bf16"),
        ("ref_any_i64", "i64"),
        ("jit_uni_BIN", "bin"),
        ("undef", ""),
        ("", ""),
        ("reorder", ""),
        ("jit_avx2_1x1", ""),
    ],
)
def test_the_precision_is_the_end_of_the_kernels_name(exec_type: str, precision: str) -> None:
    assert executed_precision(exec_type) == precision


def test_every_layer_tells_what_became_of_it() -> None:
    fates = {row.name: row.fate for row in layer_rows(LAYERS)}
    assert fates == {
        "x": Fate.NOT_RUN,
        "conv": Fate.EXECUTED,
        "relu": Fate.FUSED,
        "quant": Fate.EXECUTED,
        "gone": Fate.FUSED,
    }


def test_shares_are_of_all_layers() -> None:
    shares = [row.share for row in layer_rows(LAYERS)]
    assert shares == [0.0, 0.75, 0.0, 0.25, 0.0]
    assert [row.share for row in layer_rows((FUSED,))] == [0.0]


def test_only_executed_layers_ran_at_another_precision() -> None:
    others = [row.name for row in layer_rows(LAYERS) if is_other_precision(row, "f32")]
    assert others == ["quant"]
    assert not any(is_other_precision(row, "") for row in layer_rows(LAYERS))
    others = [row.name for row in layer_rows(LAYERS) if is_other_precision(row, "bf16")]
    assert others == ["conv", "quant"]


def test_types_add_up() -> None:
    first, *rest = by_type(layer_rows(LAYERS))
    assert (first.name, first.count, first.executed, first.real_ms) == ("Convolution", 2, 2, 4.0)
    assert first.share == pytest.approx(1.0)
    assert [(group.name, group.executed) for group in rest] == [
        ("Parameter", 0),
        ("Relu", 0),
        ("Reshape", 0),
    ]


def test_precisions_add_up_over_executed_layers_only() -> None:
    unknown = replace(CONV, name="odd", exec_type="gpu_kernel", real_ms=0.5)
    groups = by_precision(layer_rows((*LAYERS, unknown)))
    assert [(group.name, group.count) for group in groups] == [("f32", 1), ("i8", 1), ("", 1)]


def test_profiles_of_single_inferences_are_averaged() -> None:
    mean = MeanProfile(is_running_mean=False)
    mean.add(_profile((CONV,), (replace(CONV, real_ms=5.0),)))
    assert [row.real_ms for row in mean.rows] == [4.0]
    mean.add(_profile((replace(CONV, real_ms=10.0),)))
    assert [row.real_ms for row in mean.rows] == [7.0]
    assert mean.count == 2


def test_profiles_that_are_means_already_replace_each_other() -> None:
    mean = MeanProfile(is_running_mean=True)
    mean.add(_profile((CONV,)))
    mean.add(_profile((replace(CONV, real_ms=2.0),)))
    assert [row.real_ms for row in mean.rows] == [2.0]


def test_a_profile_of_another_structure_begins_again() -> None:
    mean = MeanProfile(is_running_mean=False)
    mean.add(_profile((CONV,)))
    mean.add(_profile((CONV, QUANT)))
    assert mean.count == 1
    assert len(mean.rows) == 2


def test_an_empty_profile_changes_nothing() -> None:
    mean = MeanProfile(is_running_mean=False)
    mean.add(_profile((CONV,)))
    mean.add(_profile())
    assert mean.count == 1
    assert len(mean.rows) == 1


def test_a_layer_that_ran_once_counts_as_run() -> None:
    mean = MeanProfile(is_running_mean=False)
    mean.add(_profile((CONV,)))
    mean.add(_profile((replace(CONV, status="NOT_RUN", real_ms=0.0, cpu_ms=0.0),)))
    (row,) = mean.rows
    assert (row.fate, row.real_ms) == (Fate.EXECUTED, 1.5)


def test_the_csv_reads_back_whatever_the_names_hold() -> None:
    nasty = replace(CONV, name='a "quoted", name\nover lines')
    text = layers_csv(layer_rows((nasty, FUSED)))
    first, second = csv.DictReader(io.StringIO(text))
    assert first["layer"] == nasty.name
    assert (first["real_ms"], first["precision"], first["share"]) == ("3", "f32", "1.000000")
    assert (second["status"], second["real_ms"]) == ("fused", "0")


def test_rows_are_frozen() -> None:
    (row,) = layer_rows((CONV,))
    assert isinstance(row, LayerRow)
    assert hash(row)
