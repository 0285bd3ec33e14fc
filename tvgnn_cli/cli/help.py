"""Help pages: what people use by `--help`, everything by `--help-all`.

Flags stand in a column of their own and their text beside them; flags that are longer than the
column have their text below, so that no text is ever squeezed.
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from tvgnn_cli.cli.empty import refuse_empty_names
from tvgnn_cli.cli.everyday import is_everyday

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDEST = 100
"""Columns beyond which lines are hard to read."""

LONGEST = 24
"""Characters of the longest flags that have their text beside them."""

NARROWEST = 40
"""Characters of text, below which it stands under its flags instead."""

BELOW = 6
"""Indentation of text that stands under its flags."""

HELP = ("--help", "--help-all")

_RECORD = r"(.*?)(?:(?:^|  )\\?\[(.*)\])?"
"""Text and default of a parameter; some versions of Typer escape the bracket, for rich."""

_ALL = "tvgnn.help_all"


class Command(TyperCommand):
    """A command whose help fits a screen, with `--help-all` for the rest."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _with_help_all(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:  # as of the shell's completion
            refuse_empty_names(self.params, args)
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if hasattr(error, "option_name") and hasattr(error, "possibilities"):  # it is unknown
                error.possibilities = _meant(error.option_name, self.params) or error.possibilities
            raise

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        print_help(self, ctx)


def _meant(unknown: str, params: Iterable[Any]) -> list[str]:
    """The option that goes by another name elsewhere; empty where there is none."""
    from tvgnn_cli.config.other_names import meant_by

    flags = {each.name: max(each.opts, key=len) for each in params}
    meant = meant_by(unknown, flags)
    return [] if meant is None else [flags[meant]]


class Group(TyperGroup):
    """A command of commands, with the same help pages."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _with_help_all(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        print_help(self, ctx)


def _with_help_all(params: Iterable[Any]) -> list[Any]:
    listed = list(params)
    return listed + [_help_all(each) for each in listed if HELP[0] in each.opts]


@functools.cache
def _help_all(shown: Any) -> Any:
    """The option `--help-all`, made of the option `--help`; one for each, as parsers compare."""
    option = copy.copy(shown)
    option.name, option.opts = "help_all", [HELP[1]]
    option.help, option.callback = "Show every option.", _show_all
    return option


def _show_all(ctx: Any, _: Any, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        ctx.meta[_ALL] = True
        typer.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


@dataclass(frozen=True)
class Entry:
    """One row of a table: what is typed, what it does, and what it is by default."""

    typed: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Page:
    """Lines on a console: `width` columns, text from column `start` on."""

    console: Console
    width: int
    start: int

    @classmethod
    def fitting(cls, console: Console, entries: Iterable[Entry]) -> Page:
        """A page whose column of flags is as narrow as the flags of these entries allow."""
        width = min(console.width, WIDEST)
        lengths = [len(entry.typed) for entry in entries if len(entry.typed) <= LONGEST]
        start = max(lengths, default=0) + 4
        return cls(console, width, start if width - start >= NARROWEST else BELOW)

    def line(self, text: Text | str = "") -> None:
        """Print a line as it is; `Text`, for in other strings brackets would be markup."""
        self.console.print(text, soft_wrap=True)

    def table(self, title: str, entries: Sequence[Entry]) -> None:
        """Print a titled table."""
        from rich.text import Text

        if not entries:
            return
        self.line()
        self.line(Text(f"{title}:", "bold"))
        for entry in entries:
            flags = Text(f"  {entry.typed}")
            flags.highlight_regex(r"(?<![\w-])--?\w[\w-]*|^  \w[\w-]*$", "bold cyan")
            text = Text.assemble(entry.text, (f" {entry.note}" if entry.note else "", "dim"))
            rows = text.wrap(self.console, max(self.width - self.start, 1))
            if flags.cell_len + 2 > self.start:
                self.line(flags)
                flags = Text()
            for row in rows:
                row.rstrip()
                flags.pad_right(self.start - flags.cell_len)
                self.line(flags.append_text(row))
                flags = Text()

    def text(self, paragraphs: str) -> None:
        """Print paragraphs; one that begins with `Examples:` keeps its lines."""
        from rich.text import Text

        for number, paragraph in enumerate(paragraphs.strip().split("\n\n")):
            if number:
                self.line()
            if paragraph.startswith("Example"):
                title, *lines = paragraph.splitlines()
                self.line(Text(title, "bold"))
                for line in lines:
                    command, mark, remark = line.rstrip().partition("  #")
                    self.line(Text.assemble((command, "green"), (mark + remark, "dim")))
                continue
            for row in Text(" ".join(paragraph.split())).wrap(self.console, self.width):
                row.rstrip()
                self.line(row)


def print_help(command: Any, ctx: Any) -> None:
    """Print the page of a command: usage, what it does, examples, arguments, options, commands."""
    from rich.console import Console
    from rich.text import Text

    tables = _tables(command, ctx)
    page = Page.fitting(
        Console(highlight=False), [entry for rows in tables.values() for entry in rows]
    )
    usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
    usage = re.sub(r"\{(.*?)\}", r"\1", usage).replace("......", "...")
    page.line(Text.assemble(("Usage: ", "bold"), usage))
    if command.help:
        page.line()
        page.text(command.help)
    for title, entries in tables.items():
        page.table(title, entries)
    if command.epilog:
        page.line()
        page.text(command.epilog)


def _tables(command: Any, ctx: Any) -> dict[str, list[Entry]]:
    """The tables of a page by title: those of its options in the order of their declaration."""
    tables: dict[str, list[Entry]] = {"Commands": _commands(command), "Arguments": []}
    whole, left_out = ctx.meta.get(_ALL, False), 0
    for param in command.get_params(ctx):
        entry = _entry(param, ctx)
        long = max(param.opts, key=len)
        if entry is None or long in HELP:
            continue
        if param.param_type_name == "argument":
            tables["Arguments"].append(entry)
        elif whole or is_everyday(long, command.name):
            title = getattr(param, "rich_help_panel", None) or "Options"
            tables.setdefault(title, []).append(entry)
        else:
            left_out += 1
    tables["Help"] = [Entry("-h, --help", "Show this page, or with --help-all all options.")]
    if left_out:
        more = Entry("--help-all", f"Show every option, {left_out} more.")
        tables["Help"] = [Entry("-h, --help", "Show this page."), more]
    return tables


def _entry(param: Any, ctx: Any) -> Entry | None:
    """The row of an argument or option; None for a hidden one."""
    record = param.get_help_record(ctx)
    if record is None:
        return None
    text, note = re.fullmatch(_RECORD, record[1], re.DOTALL).groups(default="")  # type: ignore[union-attr]
    if param.param_type_name == "argument":
        return Entry(param.metavar or param.name.upper(), text)
    note = re.sub(r"^default: \((.*)\)", r"default: \1", note)
    flags = re.sub(r" [<\[](.*)[>\]]$", r" \1", record[0])
    return Entry(flags, text, f"[{note}]" if note else "")


def _commands(command: Any) -> list[Entry]:
    """The commands below a group, by the first sentence of their help."""
    below = getattr(command, "commands", {}).items()
    return [Entry(name, each.get_short_help_str(10_000)) for name, each in below if not each.hidden]
