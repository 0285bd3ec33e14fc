"""Groups of options that commands take together, each through one parameter."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_args

Options = Mapping[str, Any]
"""Options by the name of their value, each as the annotation of a parameter."""

Given = dict[str, Any]
"""Values of a group's options by name; None, or False of a flag, for one that is not given."""


def takes(**groups: Options) -> Callable[[Any], Any]:
    """Give a command the options of each group in the place of its parameter of that name.

    @takes(reading=READING, settings=SETTINGS)
    def check(graph: GraphArgument, *, reading: Given, settings: Given) -> None: ...
    """

    def widen(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command, eval_str=True)
        parameters: list[inspect.Parameter] = []
        for parameter in signature.parameters.values():
            group = groups.get(parameter.name)
            parameters += [parameter] if group is None else _parameters(group)

        @functools.wraps(command)
        def widened(**given: Any) -> None:
            taken = {
                group: {name: given.pop(name) for name in options}
                for group, options in groups.items()
            }
            command(**taken, **given)

        widened.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        widened.__annotations__ = {p.name: p.annotation for p in parameters}
        return widened

    return widen


def without(group: Options, *names: str) -> Options:
    """Select the options of a group that are not named."""
    return {name: option for name, option in group.items() if name not in names}


def _parameters(group: Options) -> list[inspect.Parameter]:
    kind = inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter(
            name, kind, default=False if get_args(option)[0] is bool else None, annotation=option
        )
        for name, option in group.items()
    ]
