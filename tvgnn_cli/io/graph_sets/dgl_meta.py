"""`meta.yaml` of DGL's layout of CSV files: the few keys that it has, and no other YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tvgnn_cli.errors import InputError, shown
from tvgnn_cli.io.source import Source

META = "meta.yaml"

SECTIONS = ("node_data", "edge_data", "graph_data")
_PLAIN = ("version", "dataset_name", "separator")
_WITHIN = ("file_name", "ntype", "etype")

_LINE = re.compile(r"(?P<indent> *)(?P<item>- +)?(?P<key>\w+):(?:[ \t]+(?P<value>\S.*))?")
_VALUE = re.compile(r"'(?:[^']|'')*'|\"[^\"\\]*\"|\[[^\]]*\]|[^\s'\"#&*!|>%@`{}\[\]:][^#{}&*]*?")


@dataclass
class Meta:
    """Values of a `meta.yaml`.

    Args:
        plain: values by key.
        sections: for each of `SECTIONS` that is there, its entries: values by key.
    """

    plain: dict[str, str] = field(default_factory=dict)
    sections: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def file_name(self, section: str, label: str) -> str | None:
        """The file of a section; None where there is no such section.

        Raises:
            InputError: several, of several kinds of vertices or edges, or none.
        """
        entries = self.sections.get(section)
        if entries is None:
            return None
        if len(entries) != 1:
            raise InputError(
                f"{label}: {section} has {len(entries)} files; graphs of one kind of vertices and "
                "edges are read, a file for each"
            )
        name = entries[0].get("file_name")
        if not name:
            raise InputError(f"{label}: {section} has no file_name")
        return name


def read_meta(path: Path) -> Meta:
    """Read the keys of a `meta.yaml`.

    Raises:
        InputError: the first line that is none of them.
    """
    meta, section, label = Meta(), "", str(path)
    for number, line in _lines(path):
        where = f"{label}: line {number}"
        match = _LINE.fullmatch(line)
        value = None if match is None else _value(match["value"])
        if match is None or (match["value"] and value is None):
            raise InputError(f"{where}: {shown(line.strip())} is not read; need 'key: value'")
        key, nested = match["key"], bool(match["indent"] or match["item"])
        if not nested:
            section = _begin(meta, key, value, where)
        elif section and key in _WITHIN and value is not None:
            _enter(meta.sections[section], key, value, bool(match["item"]), where)
        else:
            raise InputError(f"{where}: key {shown(key)} is not known here")
    return meta


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are neither blank nor comments."""
    text = Source(str(path)).read_text().decode()
    for number, line in enumerate(text.split("\n"), 1):
        bare = re.sub(r"(?:^|\s)#.*", "", line).rstrip()
        if bare and bare != "---":
            yield number, bare


def _value(text: str | None) -> str | None:
    """A value without its quotes; None where it is more than a word."""
    if text is None or not _VALUE.fullmatch(text.strip()):
        return None
    text = text.strip()
    if text[0] == "'":
        return text[1:-1].replace("''", "'")
    return text[1:-1] if text[0] == '"' else text


def _begin(meta: Meta, key: str, value: str | None, where: str) -> str:
    """The section that a line opens; "" for a line that is a value."""
    if key in meta.plain or key in meta.sections:
        raise InputError(f"{where}: {shown(key)} is there twice")
    if key in SECTIONS and value is None:
        meta.sections[key] = []
        return key
    if key in _PLAIN and value is not None:
        meta.plain[key] = value
        return ""
    raise InputError(f"{where}: key {shown(key)} is not known, or has no value it can have")


def _enter(entries: list[dict[str, str]], key: str, value: str, opens: bool, where: str) -> None:
    if opens or not entries:
        entries.append({})
    if key in entries[-1]:
        raise InputError(f"{where}: {shown(key)} is there twice")
    entries[-1][key] = value
