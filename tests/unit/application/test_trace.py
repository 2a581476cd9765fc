"""The shared memory between the user's program and us."""

from __future__ import annotations

import mmap
import os
import threading

import pytest

from ovbench_tui.application.recorder.layout import NOTE_BYTES, Kind, memory_bytes
from ovbench_tui.application.recorder.writer import Writer, open_memory
from ovbench_tui.application.shared_memory import RecordMemory
from ovbench_tui.application.trace import FIELDS, TraceReader

_CAPACITY = 64


def _store(writer: Writer, number: int, kind: Kind = Kind.INFER) -> None:
    writer.store(number, number + 5, kind, 1, 2, 3, 4, 5, 6, 7, 8, 9)


def _pair(most_kept: int = 1000) -> tuple[Writer, TraceReader]:
    memory = mmap.mmap(-1, memory_bytes(_CAPACITY))
    return Writer(memory, _CAPACITY), TraceReader(memory, _CAPACITY, most_kept)


def test_a_record_arrives_as_it_was_stored() -> None:
    writer, reader = _pair()
    writer.store(100, 200, Kind.START, 1, 2, 3, 4, 5, 6, 7, 8, 9)
    reader.read()
    (record,) = reader.trace().records
    assert dict(zip(FIELDS, record, strict=True)) == {
        "begin_ns": 100,
        "end_ns": 200,
        "kind": Kind.START,
        "thread": 1,
        "model": 2,
        "request": 3,
        "input_bytes": 4,
        "copy_ns": 5,
        "wait_ns": 6,
        "latency_ns": 7,
        "gap_cpu_ns": 8,
        "input_types": 9,
        "sequence": 1,
    }


def test_each_record_is_read_once_over_many_rounds_of_the_ring() -> None:
    writer, reader = _pair()
    for number in range(500):
        _store(writer, number)
        if number % 30 == 0:
            reader.read()
    reader.read()
    trace = reader.trace()
    assert trace.records["begin_ns"].tolist() == list(range(500))
    assert trace.dropped == 0


def test_what_was_overwritten_is_counted() -> None:
    writer, reader = _pair()
    for number in range(200):
        _store(writer, number)
    reader.read()
    trace = reader.trace()
    assert trace.records["begin_ns"].tolist() == list(range(200 - _CAPACITY + 1, 200))
    assert trace.dropped + len(trace.records) == 200


def test_old_records_are_let_go_but_not_those_of_compilation() -> None:
    writer, reader = _pair(most_kept=40)
    _store(writer, 0, Kind.COMPILE)
    for number in range(1, 200):
        _store(writer, number)
        if number % 20 == 0:
            reader.read()
    reader.read()
    trace = reader.trace()
    assert trace.records["begin_ns"][0] == 0
    assert trace.records["begin_ns"][-1] == 199
    assert len(trace.records) < 80
    assert trace.dropped + len(trace.records) == 200


def test_threads_may_store_at_once() -> None:
    memory = mmap.mmap(-1, memory_bytes(4096))
    writer, reader = Writer(memory, 4096), TraceReader(memory, 4096)
    threads = [
        threading.Thread(target=lambda: [_store(writer, n) for n in range(500)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader.read()
    assert sorted(reader.trace().records["sequence"].tolist()) == list(range(1, 2001))


def test_a_late_total_hides_no_record() -> None:
    writer, reader = _pair()
    for number in range(5):
        _store(writer, number)
    writer._memory[0:8] = (3).to_bytes(8, "little")  # a slower thread was last
    reader.read()
    assert len(reader.trace().records) == 5


def test_notes_describe_models_and_queues() -> None:
    writer, reader = _pair()
    writer.note(
        model=3,
        name="net",
        execution_devices=["CPU"],
        performance_hint="LATENCY",
        num_streams=2,
        optimal_number_of_infer_requests=4,
        inputs=[{"shape": "[1,3]", "type": "f32", "numpy_type": 11}],
    )
    writer.note(queue=1, of_model=3, nireq=4)
    trace = reader.trace()
    model = trace.models[3]
    assert (model.name, model.devices, model.hint) == ("net", ("CPU",), "LATENCY")
    assert (model.streams, model.optimal, model.numpy_types) == (2, 4, 1 << 11)
    assert model.inputs == ("f32 [1,3]",)
    assert trace.queues == {1: 4}


def test_a_model_of_which_nothing_is_known_is_one() -> None:
    writer, reader = _pair()
    writer.note(model=0, name="", inputs=[], num_streams="AUTO")
    model = reader.trace().models[0]
    assert (model.devices, model.hint, model.streams, model.optimal) == ((), "", 0, 0)


def test_notes_beyond_their_room_are_lost_and_nothing_else() -> None:
    writer, reader = _pair()
    _store(writer, 1)
    for number in range(NOTE_BYTES // 20):
        writer.note(queue=number, nireq=12345)
    reader.read()
    trace = reader.trace()
    assert len(trace.records) == 1
    assert 0 < len(trace.queues) < NOTE_BYTES // 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_is_not_recorded() -> None:
    writer, reader = _pair()
    _store(writer, 1)
    pid = os.fork()
    if not pid:
        _store(writer, 2)
        writer.note(queue=1, nireq=1)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    _store(writer, 3)
    reader.read()
    trace = reader.trace()
    assert trace.records["begin_ns"].tolist() == [1, 3]
    assert trace.queues == {}


@pytest.mark.skipif(os.name == "nt", reason="hands over a descriptor")
def test_the_memory_is_opened_by_its_handle() -> None:
    ours = RecordMemory(_CAPACITY)
    duplicate = os.dup(ours.descriptors[0])
    _, rest = ours.handle.split(":", 1)
    memory, capacity = open_memory(f"{duplicate}:{rest}")
    _store(Writer(memory, capacity), 7)
    reader = TraceReader(ours.memory, ours.capacity)
    reader.read()
    assert reader.trace().records["begin_ns"].tolist() == [7]
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(duplicate)
    ours.close_descriptors()


def test_the_newest_records_come_with_all_compilations() -> None:
    writer, reader = _pair()
    for number in range(60):
        _store(writer, number, Kind.COMPILE if number in (2, 31) else Kind.INFER)
        if number % 10 == 9:
            assert reader.read()["begin_ns"].tolist() == list(range(number - 9, number + 1))
    newest = reader.trace(newest=15).records["begin_ns"].tolist()
    assert newest == [2, 31, *range(40, 60)]
    assert reader.since(45 + 5)["begin_ns"].tolist() == list(range(40, 60))
    assert len(reader.since(0)) == 60


def test_byte_values_and_the_keyboard_are_noted() -> None:
    writer, reader = _pair()
    writer.note(byte_values="whole")
    writer.note(reads_keyboard=True)
    trace = reader.trace()
    assert (trace.byte_values, trace.reads_keyboard, trace.failure) == ("whole", True, "")
