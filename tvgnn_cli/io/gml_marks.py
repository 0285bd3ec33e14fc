"""GML as a stream of marks: keys, values, brackets."""

from __future__ import annotations

import html
import re
from typing import Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.property_graph import float_of, int_of
from tvgnn_cli.io.source import is_natural

_MARK = re.compile(r'"[^"]*"|[\[\]]|^[ \t]*#.*$|"|[^\s\[\]"]+', re.MULTILINE)

_FLAT = re.compile(r'[^\[\]"#]*(?:"[^"]*"[^\[\]"#]*)*\]')
"""Rest of a record without records in it, from its opening bracket on."""

LONGEST_NUMBER = 400
"""Characters of the longest mark that may be a number; a longer one is text."""


class Record:
    """Keys between two brackets, and the value of each; a list of values where a key is there
    twice.
    """

    def __init__(self, at: int) -> None:
        self.at = at
        self.values: dict[str, Any] = {}
        self.repeated: set[str] = set()

    def add(self, key: str, value: Any) -> None:
        if key not in self.values:
            self.values[key] = value
        elif key in self.repeated:
            self.values[key].append(value)
        else:
            self.repeated.add(key)
            self.values[key] = [self.values[key], value]


class Nested(str):
    """A value that is a record of its own, of which only the text is kept."""

    __slots__ = ()


class Marks:
    """The marks of one text, one after the other.

    Args:
        text: of a file.
        label: its name in messages.
    """

    def __init__(self, text: str, label: str) -> None:
        self.text, self.label = text, label
        self.at = self.start = 0
        self._counted = (0, 1)

    def next(self) -> str:
        """The next mark, which begins at `start` and ends at `at`; "" at the end of the file."""
        while found := _MARK.search(self.text, self.at):
            self.start, self.at = found.span()
            mark = found[0]
            if mark == '"':
                raise self.fail("a quote is not closed, here or before", self.start)
            if mark.lstrip(" \t")[:1] != "#":
                return mark
        self.at = self.start = len(self.text)
        return ""

    def _line(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1

    def fail(self, message: str, at: int) -> InputError:
        """A fault at a place in the text."""
        return InputError(f"{self.label}: line {self._line(at)}: {message}")

    def value(self, key: str, at: int) -> Any:
        """The value that follows a key; None for a record."""
        if key[0] in '["':
            raise self.fail(f"{key[:40]!r} stands where a key should", at)
        mark = self.next()
        if mark in ("]", ""):
            cut = "" if mark else "; the file is cut short"
            raise self.fail(f"key '{key}' has no value{cut}", at)
        return None if mark == "[" else _value_of(mark)

    def record(self) -> Record:
        """Read what the bracket that was just opened holds, to the one that closes it."""
        record = Record(self.start)
        flat = _FLAT.match(self.text, self.at)
        if flat is not None:
            marks = _MARK.findall(flat[0])
            if len(marks) % 2 and not any(key[0] == '"' for key in marks[:-1:2]):
                self.at = flat.end()
                for key, mark in zip(marks[:-1:2], marks[1::2], strict=True):
                    record.add(key, _value_of(mark))
                return record
        while mark := self.next():
            if mark == "]":
                return record
            value = self.value(mark, self.start)
            if value is None:
                opened = self.start
                self.skip()
                value = Nested(" ".join(self.text[opened : self.at].split()))
            record.add(mark, value)
        raise self.fail("a [ is not closed; the file is cut short", record.at)

    def skip(self) -> None:
        """Go on to the end of the brackets that have just been opened."""
        opened, depth = self.start, 1
        while mark := self.next():
            depth += (mark == "[") - (mark == "]")
            if not depth:
                return
        raise self.fail("a [ is not closed; the file is cut short", opened)

    def line_of(self, at: int) -> int:
        """The line of a place that is further on than those before."""
        last, line = self._counted
        self._counted = (at, line + self.text.count("\n", last, at))
        return self._counted[1]


def _value_of(mark: str) -> Any:
    """A number, or text; entities such as `&#233;` are the characters that they stand for."""
    if mark[0] == '"':
        text = mark[1:-1]
        return html.unescape(text) if "&" in text else text
    if is_natural(mark):
        return int(mark)
    if len(mark) > LONGEST_NUMBER:
        return mark
    for read in (int_of, float_of):
        try:
            return read(mark)
        except ValueError:
            continue
    return mark
