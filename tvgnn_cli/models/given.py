"""A saved model in either form that a caller may give: the model, or its file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tvgnn_cli.errors import UsageError

Model = TypeVar("Model")


def model_of(model: Any, kind: type[Model], load: Callable[[Path], Model]) -> Model:
    """Return the model that is given, or read the one that a path names.

    Raises:
        UsageError: it is neither.
        InputError: the file is missing, damaged or of another kind.
    """
    if isinstance(model, kind):
        return model
    if isinstance(model, str | os.PathLike):
        return load(Path(model))
    raise UsageError(
        f"a model is needed, not a {type(model).__name__}: give the path of a saved one, what "
        f"{load.__name__} gives, or a result's model"
    )
