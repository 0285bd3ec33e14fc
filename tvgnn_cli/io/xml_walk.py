"""One walk over XML: its faults are told by line, and entities are refused."""

from __future__ import annotations

from collections.abc import Container, Iterable
from xml.parsers import expat

from tvgnn_cli.errors import InputError, some_of

_PROGRAMS = frozenset(".:")
"""Marks in the names of attributes that programs add, such as `yfiles.foldertype`."""


class XmlWalk:
    """The parser; children say what is made of the elements.

    Args:
        label: name of the file in messages.
    """

    def __init__(self, label: str) -> None:
        self.label = label
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.more: dict[tuple[str, str], None] = {}

    @property
    def line(self) -> int:
        """The line that the walk has come to."""
        return self.parser.CurrentLineNumber

    @property
    def where(self) -> str:
        """File and line, as messages begin."""
        return f"{self.label}: line {self.line}"

    def read(self, data: bytes) -> None:
        """Walk the whole file.

        Raises:
            InputError: it is no XML, is cut short, declares an entity, or has an encoding that is
                not known here.
        """
        parser = self.parser
        parser.EntityDeclHandler = self._refuse_entity
        parser.StartElementHandler, parser.EndElementHandler = self._opened, self._closed
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            reason = _reason(data, parser.ErrorByteIndex, error.code)
            raise InputError(f"{self.label}: line {error.lineno}: {reason}") from None
        except (LookupError, ValueError) as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
                raise  # of a handler, and not of the parser
            raise InputError(
                f"{self.label}: line 1: its encoding cannot be read ({error}); save the file as "
                "UTF-8"
            ) from None

    def notes_on_tags(self, place: str, known: Container[tuple[str, str]]) -> tuple[str, ...]:
        """Lines of the summary on attributes of tags that are not read.

        Args:
            place: where the format has what they say.
            known: tags and names of attributes that are read there too.
        """
        found = [f"'{name}' of <{tag}>" for tag, name in self.more if (tag, name) not in known]
        if not found:
            return ()
        return (f"attributes of tags, not read: {some_of(found)}; their place is {place}",)

    def _look_for_more(self, tag: str, attributes: dict[str, str], known: frozenset[str]) -> None:
        """Keep the names of attributes that a tag should not have, but those of other programs."""
        if not known.issuperset(attributes):
            more = [name for name in attributes if name not in known and not _PROGRAMS & set(name)]
            self.more.update(dict.fromkeys((tag, name) for name in more if name != "xmlns"))

    def _fail(self, message: str) -> InputError:
        return InputError(f"{self.where}: {message}")

    def _refuse_entity(self, name: str, *_: object) -> None:
        raise self._fail(
            f"declares the XML entity '{name}'; entities are refused, write their text out"
        )

    def _opened(self, tag: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def _closed(self, tag: str) -> None:
        raise NotImplementedError

    def _characters(self, text: str) -> None:
        raise NotImplementedError


def pairs_of(**names: Iterable[str]) -> set[tuple[str, str]]:
    """Tags with each of the names of their attributes."""
    return {(tag, name) for tag, given in names.items() for name in given}


def _reason(data: bytes, at: int, code: int) -> str:
    """The fault that a parser has found at a place in a file."""
    if code == expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN] and at < len(data):
        byte = data[at]
        if byte < 32:
            return f"holds the control character \\x{byte:02x}, which XML has no place for"
        if byte > 127:
            return (
                f"byte 0x{byte:02x} is not in the file's encoding, UTF-8 where none is declared; "
                "save the file as UTF-8"
            )
    return f"the XML is broken or cut short ({expat.ErrorString(code)})"
