"""One sentence out of the text of a native exception."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.cli.native_log import NativeLog
from ovbench_tui.console.native_errors import native_reason, reason_of

_WRAPPED = (
    "Exception from src/inference/src/cpp/infer_request.cpp:246:\n"
    "Exception from src/bindings/python/src/pyopenvino/core/async_infer_queue.cpp:114:\n"
)
_CONVERSION = (
    "Exception from src/inference/src/cpp/core.cpp:84:\n"
    "Check 'false' failed at src/frontends/common_translators/src/unconverted_ops_report.cpp:151:\n"
    "FrontEnd API failed with OpConversionFailure:\n"
    "Model wasn't fully converted. Failed operations detailed log:\n"
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            f"{_WRAPPED}Exception from src/plugins/intel_cpu/src/node.cpp:794:\n"
            "[CPU] Add node with name 'sum' Check 'input_shape[j] == 1' failed at"
            " src/plugins/intel_cpu/src/shape_inference/custom/eltwise.cpp:52:\n"
            "Eltwise shape infer input shapes dim index: 1 mismatch\n\n\n",
            "Add 'sum': Eltwise shape infer input shapes dim index: 1 mismatch",
        ),
        (
            f"{_WRAPPED}Exception from src/plugins/intel_cpu/src/graph.cpp:1628:\n"
            "Node look_up of type GatherElements\n"
            "Check 'index < size' failed at src/plugins/intel_cpu/src/gather_elements.cpp:116:\n"
            "indices values of GatherElement exceed data size\n",
            "GatherElements 'look_up': indices values of GatherElement exceed data size",
        ),
        (
            "Check 'a || b' failed at src/core/shape_inference/include/reshape.hpp:360:\n"
            "While validating node 'opset1::Reshape Reshape_3 (opset1::Parameter r[0]:f32[4,4])"
            " -> (f32[3,5])' with friendly_name 'to rows':\n"
            "Shape inference input shapes {[4,4],[2]}\n"
            "Requested output shape [3,5] is incompatible with input shape\n",
            "Reshape 'to rows': Requested output shape [3,5] is incompatible with input shape",
        ),
        (
            "Exception from src/inference/src/dev/plugin.cpp:59:\n"
            "Exception from src/core/src/pass/graph_rewrite.cpp:298:\n"
            "[EliminateGather] END: node: opset8::Gather look_up (opset1::Parameter d[0]:f32[5,3],"
            " opset1::Parameter axis[0]:i64[]) -> (f32[?,?]) CALLBACK HAS THROWN: Check 'const_op'"
            " failed at src/core/src/op/util/gather_base.cpp:160:\naxis value is not set\n\n",
            "Gather 'look_up': axis value is not set",
        ),
        (
            f"{_CONVERSION}-- Conv-13 with a message:\n"
            "While validating ONNX node '<Node(Conv): y>': Check 'is_rank(data, {3, 4, 5})' failed"
            " at src/core/shape_inference/include/convolution_shape_inference_util.hpp:288:\n"
            "While validating node 'opset1::Convolution Convolution_10 (x[0]:f32[1,3]) -> ()' with"
            " friendly_name 'Convolution_10':\n"
            "Expected a 3D, 4D or 5D tensor for the input. Got: [1,3]\n\n"
            "-- TopK-13 with a message:\n"
            "While validating ONNX node '<Node(TopK): w>': Exception from a.cpp:261:\n"
            "to_shape was called on a dynamic shape.\n\n"
            "Summary:\n-- Conversion is failed for: Conv-13, TopK-13\n",
            "Conv 'y': Expected a 3D, 4D or 5D tensor for the input. Got: [1,3]"
            " (also failed: TopK-13)",
        ),
        (
            f"{_CONVERSION}-- aten::foo with a message:\nIt takes no complex values.\nSummary:\n"
            "-- Conversion is failed for: aten::foo\n",
            "aten::foo: It takes no complex values",
        ),
        (
            "Wrong value. It takes one of:\n  bf16, f16\nException from src/a.cpp:3:\n",
            "Wrong value. It takes one of: bf16, f16",
        ),
        (
            "Exception from src/a.cpp:3:\nCheck 'k_lhs == k_rhs' failed at src/b.cpp:45:\n",
            "its check 'k_lhs == k_rhs' failed",
        ),
        (
            "Exception from src/a.cpp:3:\nCheck 'false' failed at src/b c.cpp:4:\n",
            "no reason given",
        ),
        ("[TensorFlow Frontend] The node has no input.", "The node has no input"),
        ("", "no reason given"),
        ("It broke.\x1b[31m\nand more", "It broke.?[31m"),
    ],
)
def test_the_reason(text: str, reason: str) -> None:
    assert native_reason(text) == reason


_PIECES = st.sampled_from(
    [
        "Exception from src/a/b.cpp:12:",
        "Check 'a == b' failed at src/a b/c.hpp:3:",
        "Model wasn't fully converted. Failed operations detailed log:",
        "-- Foo-13 with a message:",
        "While validating ONNX node '<Node(Foo): y>': ",
        "It is wrong: ",
        "Summary:",
        ":",
        "\n",
        " ",
    ]
)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_never_a_place_in_cpp_and_never_a_colon_at_the_end(text: str) -> None:
    reason = native_reason(text)
    assert reason
    assert not reason.endswith((":", ".", " "))
    assert "\n" not in reason
    assert "cpp:" not in reason
    assert "hpp:" not in reason


def test_the_kind_is_said_where_the_text_says_too_little() -> None:
    assert reason_of(RuntimeError("it is gone")) == "it is gone"
    assert reason_of(KeyError("x")) == "KeyError: 'x'"
    assert reason_of(MemoryError()) == "there is not enough memory"


def test_the_log_keeps_the_whole_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reason_of(RuntimeError("before the log"))
    with NativeLog(tmp_path) as log:
        reason_of(RuntimeError(f"{_WRAPPED}It broke.\n"))
        kept = log.read()
    reason_of(RuntimeError("after the log"))
    assert f"RuntimeError: {_WRAPPED}It broke.\n" in kept
    assert "the log" not in kept
    assert capsys.readouterr().err == ""
