"""What checks types and shapes at run time, at every call of the modules that the tests name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, get_type_hints

import jaxtyping
from beartype import BeartypeConf, beartype
from beartype.roar import BeartypeException

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
"""Takes an int for a float, as type checkers do."""

_with_shapes = jaxtyping.jaxtyped


def jaxtyped(fn: Any = None, *, typechecker: Any) -> Any:
    """Check types and shapes of a function as jaxtyping does, but those that name no shape by
    beartype alone: many are called for each array, and jaxtyping takes ten times as long.
    """
    if fn is None:
        return lambda each: jaxtyped(each, typechecker=typechecker)
    if not inspect.isfunction(fn) or _may_name_shapes(fn):
        return _with_shapes(fn, typechecker=typechecker)
    try:
        plain = typechecker(fn)
    except BeartypeException:
        return _with_shapes(fn, typechecker=typechecker)
    return _unless_disabled(fn, plain)


def _may_name_shapes(fn: Callable[..., Any]) -> bool:
    """Whether a type of a parameter or of the result has a shape, or is not known yet."""
    try:
        hints = get_type_hints(fn, include_extras=True)
    except Exception:
        return True
    return any("jaxtyping" in repr(hint) for hint in hints.values())


def _unless_disabled(fn: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(fn)
    def either(*args: Any, **kwargs: Any) -> Any:
        return (fn if jaxtyping.config.jaxtyping_disable else plain)(*args, **kwargs)

    return either


def install(modules: list[str]) -> None:
    """Check every function of `modules` and of those below them, if they are not imported yet."""
    jaxtyping.jaxtyped = jaxtyped
    jaxtyping.install_import_hook(modules, f"{__name__}.checked")
