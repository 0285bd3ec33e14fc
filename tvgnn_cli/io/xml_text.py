"""Values as text that XML can hold."""

from __future__ import annotations

import re

import numpy as np

from tvgnn_cli.errors import UsageError

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 has no way to write."""

_SPECIAL = re.compile('[&<>"\t\n\r\x00-\x1f\ud800-\udfff\ufffe\uffff]')


class XmlText:
    """Escapes text, and counts what XML cannot hold: such a character is written as `\\x01`."""

    def __init__(self) -> None:
        self.unwritable = 0

    def content(self, text: str) -> str:
        """Text between two tags."""
        if not _SPECIAL.search(text):
            return text
        text = self._writable(text).replace("&", "&amp;").replace("<", "&lt;")
        return text.replace(">", "&gt;").replace("\r", "&#13;")

    def quoted(self, text: str) -> str:
        """Text between two quotes, whose line ends and tabs a parser would else make blanks."""
        if not _SPECIAL.search(text):
            return text
        text = self.content(text).replace('"', "&quot;")
        return text.replace("\n", "&#10;").replace("\t", "&#9;")

    def ids(self, ids: np.ndarray, where: str) -> list[str]:
        """Vertex ids between quotes.

        Raises:
            UsageError: two of them are the same without the characters that XML cannot hold.
        """
        before = self.unwritable
        quoted = [self.quoted(name) for name in ids.tolist()]
        if self.unwritable > before and len(set(quoted)) < len(quoted):
            raise UsageError(
                f"{where}: XML cannot hold the control characters of the vertex ids, and without "
                "them two are the same; write a table"
            )
        return quoted

    def _writable(self, text: str) -> str:
        text, count = FORBIDDEN.subn(_written_out, text)
        self.unwritable += count
        return text


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
