"""Wrong usage as the parser of the command line tells it, in one line."""

from __future__ import annotations

import re
from typing import Any

from tvgnn_cli.cli.signals import say


def is_of_usage(error: Exception) -> bool:
    """Tell whether an error is the parser's: it has a text for users, and an exit code."""
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def say_usage(error: Any) -> int:
    """Print the line on an error of the parser, and give its exit code.

    A command without its words has printed its help page instead, and has no text.
    """
    text = str(error.format_message()).rstrip(".").replace("Value error, ", "")
    text = re.sub(r"^Invalid value for '(-[^']+)': ", r"\1: ", text)
    if text:
        command = "tvgnn" if error.ctx is None else error.ctx.command_path
        more = "" if text.endswith("?") else f"; see {command} --help"
        say(f"tvgnn: {text[0].lower()}{text[1:]}{more}")
    return int(error.exit_code)
