"""Work that is done on another thread before its results are asked for."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from weakref import WeakSet

import pytest
import torch

from tests.test_batches import batches_of, random_graph
from tvgnn_cli.train import ahead as ahead_module
from tvgnn_cli.train.ahead import READY, ahead, sent_ahead

CPU = torch.device("cpu")


def test_results_come_in_order_and_from_one_other_thread():
    made_by = []

    def make(number):
        made_by.append(threading.current_thread())
        return number**2

    assert list(ahead(make, range(20))) == [number**2 for number in range(20)]
    assert len(set(made_by)) == 1
    assert made_by[0] is not threading.current_thread()
    assert list(ahead(make, [])) == []


def test_no_more_than_those_that_wait_are_made():
    begun, asked = [], iter(range(100))
    results = ahead(lambda number: begun.append(number) or number, asked, ready=2)
    assert next(results) == 0
    assert next(results) == 1
    assert next(asked) == 4  # 0 and 1 were taken, 2 and 3 wait
    results.close()
    assert set(begun) <= {0, 1, 2, 3}


@pytest.mark.parametrize("ready", [1, READY])
def test_as_many_results_are_there_at_once_as_estimates_count(ready):
    class Result:
        pass

    alive, most = WeakSet(), 0

    def make(_):
        alive.add(made := Result())
        return made

    for result in ahead(make, range(30), ready=ready):
        time.sleep(0.01)  # time for all that may be made meanwhile
        most = max(most, len(alive))
        assert result in alive
    # The one that is worked on and those that wait; the next is made once these are asked for.
    assert most == ready + 1


def test_an_error_comes_where_its_result_would_have():
    def make(number):
        if number == 3:
            raise ValueError(number)
        return number

    results = ahead(make, range(10))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="3"):
        next(results)


class Gpu:
    """A device that is a GPU by name alone."""

    type, index = "cuda", 1


@pytest.fixture
def by_hand(monkeypatch):
    """Streams and events of a GPU that is not there, which write down what is asked of them."""
    told = []

    class Event:
        def __init__(self, of):
            self.of = of
            self.number = len(told)

        def synchronize(self):
            told.append(("reached", told[self.number - 1], self.number))

    class Stream:
        def __init__(self, name):
            self.name = name

        def record_event(self):
            told.append(("event", self.name))
            return Event(self.name)

        def wait_event(self, event):
            told.append(("wait", self.name, event.of))

    @contextmanager
    def stream(which):
        told.append(("into", which.name, threading.current_thread().name))
        yield
        told.append(("out of", which.name))

    def side_stream(gpu):
        return Stream(f"side of {gpu}")

    monkeypatch.setattr(ahead_module, "_side_stream", side_stream)
    monkeypatch.setattr(torch.cuda, "stream", stream)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda _: Stream("work"))
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 3)

    def record_stream(tensor, which):
        told.append(("held for", which.name, tensor.tolist()))

    monkeypatch.setattr(torch.Tensor, "record_stream", record_stream, raising=False)
    return told


def test_work_on_a_gpu_waits_for_what_was_sent_and_keeps_its_memory(by_hand):
    def make(number):
        by_hand.append(("made", number))
        return torch.tensor([number])

    sent = sent_ahead(make, [5], Gpu(), lambda tensor: [tensor])
    assert [tensor.tolist() for tensor in sent] == [[5]]
    assert by_hand == [
        ("into", "side of 1", "ahead_0"), ("made", 5), ("event", "side of 1"),
        ("out of", "side of 1"), ("wait", "work", "side of 1"), ("held for", "work", [5]),
        ("event", "work"),
    ]  # fmt: skip
    by_hand.clear()
    gpu = Gpu()
    gpu.index = None  # the one of this thread
    next(sent_ahead(make, [5], gpu, lambda tensor: [tensor]))
    assert by_hand[0][:2] == ("into", "side of 3")


def test_no_more_is_sent_while_a_gpu_is_two_behind(by_hand):
    sent = sent_ahead(torch.tensor, range(6), Gpu(), lambda tensor: [tensor], ready=1)
    for number, tensor in enumerate(sent):
        by_hand.append(("worked", int(tensor)))
        assert int(tensor) == number
    mine = [each for each in by_hand if each[0] in ("worked", "reached") or each[1] == "work"]
    mine = [each[:1] if each[0] != "worked" else each for each in mine if each[0] != "wait"]
    each = [("held for",), ("worked", 0), ("event",)]
    for number in range(1, 6):
        each += [("held for",), ("worked", number), ("event",), ("reached",)]
    assert mine == each
    ends = [number for number, each in enumerate(by_hand, 1) if each == ("event", "work")]
    reached = [each[2] for each in by_hand if each[0] == "reached"]
    assert reached == ends[:-1]  # each time that of the one before


def test_what_is_sent_to_no_gpu_is_made_as_it_is_asked_for():
    made = []
    results = sent_ahead(lambda each: made.append(each) or each, [1, 2], CPU, lambda _: [])
    assert next(results) == 1
    assert made == [1]


def test_batches_for_a_gpu_are_made_ahead_and_the_same(monkeypatch, by_hand):
    batches = batches_of(random_graph(weighted=True), batch_size=30, parts_per_batch=2)
    plain = list(batches.epoch(1))
    monkeypatch.setattr(batches, "device", Gpu())
    made = batches.batch
    monkeypatch.setattr(batches, "batch", lambda parts: made_on_cpu(batches, made, parts))
    found = list(batches.epoch(1))
    into = [each for each in by_hand if each[0] == "into"]
    assert into == [("into", "side of 1", "ahead_0")] * len(plain)
    for one, other in zip(plain, found, strict=True):
        assert one.vertices.tolist() == other.vertices.tolist()
        assert torch.equal(one.x, other.x)
        assert torch.equal(one.graph.edge_index, other.graph.edge_index)
        assert torch.equal(one.counted.edge_weight, other.counted.edge_weight)
        held = [each[2] for each in by_hand if each[:2] == ("held for", "work")]
        for tensor in (
            other.x, other.graph.edge_index, other.graph.edge_weight, other.counted.edge_weight,
        ):  # fmt: skip
            assert tensor.tolist() in held


def made_on_cpu(batches, made, parts):
    gpu, batches.device = batches.device, CPU
    try:
        return made(parts)
    finally:
        batches.device = gpu
