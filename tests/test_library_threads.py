"""Limits of the threads of numerical libraries end with their block, and hold for all of them."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from threadpoolctl import ThreadpoolController

from tvgnn_cli.machine import library_threads
from tvgnn_cli.machine.library_threads import limited_to


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
