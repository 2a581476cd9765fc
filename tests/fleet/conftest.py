"""One cluster for all tests of this folder, and a model that is compiled in no time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed", reason="the extra 'fleet' is not installed")

from ovbench_tui.fleet.connection import connected
from ovbench_tui.options.cluster_address import Address
from tests.fleet.cluster import Cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler with the workers 'one' and 'two'."""
    cluster = Cluster(tmp_path_factory.mktemp("dask"))
    try:
        cluster.add("one")
        cluster.add("two")
        with connected(Address(cluster.address)) as client:
            client.wait_for_workers(2, timeout=120)
        yield cluster
    finally:
        cluster.close()


@pytest.fixture
def client(cluster: Cluster) -> Iterator[Any]:
    with connected(Address(cluster.address)) as client:
        yield client


@pytest.fixture(scope="session")
def relu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of one layer, in two files."""
    import openvino as ov
    from openvino import opset13

    parameter = opset13.parameter([1, 16], ov.Type.f32, name="x")
    parameter.output(0).set_names({"x"})
    added = opset13.add(parameter, opset13.constant([1.0] * 16, ov.Type.f32))
    path = tmp_path_factory.mktemp("model") / "relu.xml"
    ov.save_model(ov.Model([opset13.relu(added)], [parameter], "relu"), path)
    return path
