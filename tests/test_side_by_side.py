"""Runs of one process at the same time, and in processes that were forked."""

import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from tvgnn_cli import classify, cluster, kernels
from tvgnn_cli.kernels import arrays
from tvgnn_cli.machine.threads import bound_threads
from tvgnn_cli.observer import Observer

CALLS = int(os.environ.get("TVGNN_SIDE_BY_SIDE", "8"))
"""Calls in eight threads; fifty by TVGNN_SIDE_BY_SIDE=50."""

# Large enough for arrays that are recycled, whose pool two threads once took from each other.
GRAPH = "planted"
WIDE = {"hidden": 256, "init": "random"}
SETTINGS = (
    WIDE, {**WIDE, "threads": 2}, {**WIDE, "batch": "parts", "batch_size": 90, "threads": 2},
    {**WIDE, "method": "dmon"}, {"hidden": 16}, {"hidden": 256, "threads": 2},
    {**WIDE, "precision": "bf16"}, {"method": "gae", "hidden": 32},
)  # fmt: skip


def bytes_of(seed, threads, **settings):
    given = {"hidden": 256, "epochs": 3, "num_clusters": 4, "threads": threads, **settings}
    result = cluster(GRAPH, seed=seed, **given)
    assignment = b"" if result.assignment is None else result.assignment.tobytes()
    return assignment, result.labels.tobytes()


def test_runs_in_threads_are_those_of_one_after_the_other():
    """Each draws weights, bounds threads and recycles arrays."""
    asked = [(seed, SETTINGS[seed % len(SETTINGS)]) for seed in range(CALLS)]

    def call(each):
        seed, settings = each
        return bytes_of(seed, **{"threads": 1, **settings})

    alone = [call(each) for each in asked]
    with ThreadPoolExecutor(8) as pool:
        beside = list(pool.map(call, asked))
    same = sum(one == other for one, other in zip(alone, beside, strict=True))
    print(f"{same} of {CALLS} calls are as alone, {len(set(alone))} different results")
    assert same == CALLS
    assert len(set(alone)) > CALLS // 2, "the seeds and settings differ"


def test_a_run_may_start_another_where_it_is_told_of_its_own():
    class Curious(Observer):
        inner = None

        def restart(self, report):
            self.seen = report
            self.inner = bytes_of(1, 2)

    observer = Curious()
    outer = cluster(GRAPH, num_clusters=4, epochs=3, hidden=256, threads=2, observer=observer)
    assert observer.inner == bytes_of(1, 2)
    assert (outer.assignment.tobytes(), outer.labels.tobytes()) == bytes_of(0, 2)


def test_another_thread_takes_no_memory_of_a_run():
    like, taken = torch.empty(0), []

    def work():
        taken.append(arrays.empty(600, 500, like=like))

    with kernels.recycled_memory():
        where = arrays.empty(600, 500, like=like).data_ptr()
        other = threading.Thread(target=work)
        other.start()
        other.join()
        assert arrays.empty(600, 500, like=like).data_ptr() == where
    assert taken[0].fill_(1).sum() == 300_000


def _in_child(pipe):
    result = cluster(GRAPH, num_clusters=4, epochs=3, threads=2)
    classified = classify("shapes", epochs=1, threads=2)
    pipe.send((result.metrics["threads"], result.notes, classified.notes))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_a_forked_process_takes_one_thread_and_says_so():
    """Where it took more it would wait for threads that only its parent has."""
    with bound_threads(2):
        kernels.feature_product(torch.randn(4096, 64), torch.randn(64, 64))
        torch.randn(2_000_000).exp()  # which OpenMP does, on two threads
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_in_child, args=(theirs,), daemon=True)
    child.start()
    try:
        assert ours.poll(60), "it waits for the threads of its parent"
        threads, *notes = ours.recv()
    finally:
        child.kill()
        child.join()
    assert threads == 1
    assert all(any("was forked" in note for note in each) for each in notes)
    assert not any("was forked" in note for note in cluster("karate", num_clusters=2).notes)
