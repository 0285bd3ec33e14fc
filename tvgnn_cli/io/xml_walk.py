"""One walk over XML: its faults are told by line, and entities are refused."""

from __future__ import annotations

from xml.parsers import expat

from tvgnn_cli.errors import InputError


class XmlWalk:
    """The parser; children say what is made of the elements.

    Args:
        label: name of the file in messages.
    """

    def __init__(self, label: str) -> None:
        self.label = label
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True

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
            reason = expat.ErrorString(error.code)
            raise InputError(
                f"{self.label}: line {error.lineno}: the XML is broken or cut short ({reason})"
            ) from None
        except (LookupError, ValueError) as error:
            raise InputError(
                f"{self.label}: line 1: its encoding cannot be read ({error}); save the file as "
                "UTF-8"
            ) from None

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
