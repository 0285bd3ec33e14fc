"""Limits of the threads of numerical libraries end with their block, and hold for all of them."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from threadpoolctl import ThreadpoolController

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.machine import library_threads
from tvgnn_cli.machine.library_threads import lanczos_threads, limited_to
from tvgnn_cli.prepare.features import learn_recipe
from tvgnn_cli.prepare.structural import spectral_embedding


def threads() -> list[int]:
    return [each["num_threads"] for each in ThreadpoolController().info()]


def fails_with_one_thread() -> None:
    with limited_to(1):
        assert set(threads()) == {1}
        raise ZeroDivisionError


def test_limits_nest_and_end_with_what_is_raised():
    before = threads()
    assert before
    with limited_to(2):
        assert set(threads()) == {2}
        with pytest.raises(ZeroDivisionError):
            fails_with_one_thread()
        assert set(threads()) == {2}
    assert threads() == before


def test_libraries_are_looked_for_again_with_new_modules_alone(monkeypatch):
    made = []

    class Counted(ThreadpoolController):
        def __init__(self):
            made.append(len(sys.modules))
            super().__init__()

    def asked() -> int:
        with limited_to(1):
            return len(made)

    monkeypatch.setattr(library_threads, "ThreadpoolController", Counted)
    monkeypatch.setitem(sys.modules, "one_that_goes", ModuleType("one_that_goes"))
    library_threads._found.cache_clear()
    assert (asked(), asked()) == (1, 1)
    monkeypatch.setitem(sys.modules, "one_more", ModuleType("one_more"))
    assert (asked(), asked()) == (2, 2)
    monkeypatch.delitem(sys.modules, "one_that_goes")
    monkeypatch.setitem(sys.modules, "another", ModuleType("another"))  # as many as before
    assert (asked(), asked()) == (3, 3)


def test_lanczos_has_one_thread_for_short_vectors_and_leaves_torch_its_own():
    def of_blas():
        found = ThreadpoolController().info()
        return {each["num_threads"] for each in found if each["user_api"] == "blas"}

    with limited_to(2):
        before = torch.get_num_threads()
        with lanczos_threads(library_threads.SHORT):
            assert of_blas() == {1}
            assert torch.get_num_threads() == before
        with lanczos_threads(library_threads.SHORT + 1):
            assert of_blas() == {2}


def test_directions_of_features_do_not_depend_on_threads():
    drawn = np.random.default_rng(0)
    x = sp.random_array((1600, 1500), density=0.02, format="csr", rng=drawn, dtype=np.float32)
    ends = drawn.integers(0, 1600, (2, 8000))
    graph = Graph.from_edges(index_ids(1600), *ends, x=x)
    config = ClusterConfig()
    found = []
    for threads in (1, 2):
        with limited_to(threads):
            basis = learn_recipe(graph, config).basis
            found.append((basis.tobytes(), spectral_embedding(graph, 5, 0).tobytes()))
    assert found[0] == found[1]
