"""What checks types and shapes at run time, at the first calls of each function of the modules that
the tests name, in each test: the hundreds of epochs of a run call them with the same shapes.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, get_type_hints

import jaxtyping
from beartype import BeartypeConf, beartype
from beartype.roar import BeartypeException

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
"""Takes an int for a float, as type checkers do."""

FIRST = 30
"""Calls of a function that are checked in a test."""

calls: Counter[Callable[..., Any]] = Counter()
"""Of each function, since a test began."""


def jaxtyped(fn: Any = None, *, typechecker: Any) -> Any:
    """Check types and shapes of a function as jaxtyping does, but those that name no shape by
    beartype alone: many are called for each array, and jaxtyping takes ten times as long.
    """
    if fn is None:
        return lambda each: jaxtyped(each, typechecker=typechecker)
    if not inspect.isfunction(fn):
        return _with_shapes(fn, typechecker=typechecker)
    if not _may_name_shapes(fn):
        with suppress(BeartypeException):
            return _at_first(fn, typechecker(fn))
    return _at_first(fn, _with_shapes(fn, typechecker=typechecker))


_with_shapes = jaxtyping.jaxtyped


def _may_name_shapes(fn: Callable[..., Any]) -> bool:
    """Whether a type of a parameter or of the result has a shape, or is not known yet."""
    try:
        hints = get_type_hints(fn, include_extras=True)
    except Exception:
        return True
    return any("jaxtyping" in repr(hint) for hint in hints.values())


def _at_first(fn: Callable[..., Any], strict: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(fn)
    def either(*args: Any, **kwargs: Any) -> Any:
        if calls[fn] >= FIRST or jaxtyping.config.jaxtyping_disable:
            return fn(*args, **kwargs)
        calls[fn] += 1
        return strict(*args, **kwargs)

    return either


def install(modules: list[str]) -> None:
    """Check every function of `modules` and of those below them, if they are not imported yet."""
    jaxtyping.jaxtyped = jaxtyped
    jaxtyping.install_import_hook(modules, f"{__name__}.checked")
