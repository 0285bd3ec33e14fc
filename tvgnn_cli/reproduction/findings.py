"""What the rows of Table 1 say of the paper's claims, for docs/reproduction.md."""

from __future__ import annotations

from collections.abc import Sequence

from tvgnn_cli.methods import METHODS
from tvgnn_cli.reproduction.markdown import plus_minus, table
from tvgnn_cli.reproduction.plan import SEEDS, plan
from tvgnn_cli.reproduction.summary import (
    ABLATIONS,
    COMPARED,
    PAPER,
    Cell,
    Ordering,
    falls_below,
    orderings,
)


def findings(cells: Sequence[Cell]) -> list[str]:
    """Lines of Markdown: TVGNN beside the paper, the order of methods, the ablations, and where
    fewer runs were made than planned.
    """
    parts = {
        "TVGNN beside the paper": _beside_the_paper(cells),
        "The order of the networks": [_order_line(order) for order in orderings(cells)],
        "The ablations": _ablations(cells),
        "Runs that are missing": _missing(cells),
    }
    lines: list[str] = []
    for title, found in parts.items():
        if found:
            lines += [f"### {title}", "", *found, ""]
    return lines[:-1]


def _beside_the_paper(cells: Sequence[Cell]) -> list[str]:
    said = (
        "The mean less the paper's, and in parentheses how many of the paper's standard deviations "
        "that is; whether both means are within one of them or above; whether the seed of the "
        "lowest training loss is."
    )
    head = ("data set", "protocol", "seeds", "NMI", "ACC", "within or above", "lowest loss")
    rows = [_paper_row(cell) for cell in cells if cell.method == "tvgnn" and cell.paper]
    return [said, "", *table(head, rows)] if rows else []


def _paper_row(cell: Cell) -> list[str]:
    ours, paper = cell.score, cell.paper
    assert paper is not None  # only cells that have one come here
    nmi, acc = ours.nmi - paper.nmi, ours.acc - paper.acc
    lowest = cell.lowest_reaches_paper if cell.seeds > 1 else None
    return [
        cell.dataset,
        cell.protocol,
        str(cell.seeds),
        f"{nmi:+.3f} ({nmi / paper.nmi_sd:+.1f})",
        f"{acc:+.1f} ({acc / paper.acc_sd:+.1f})",
        _yes(cell.reaches_paper),
        _yes(lowest),
    ]


def _yes(holds: bool | None) -> str:
    return "" if holds is None else "yes" if holds else "NO"


def _order_line(order: Ordering) -> str:
    names = " > ".join(f"{METHODS[name].title} {nmi:.3f}" for name, nmi in order.methods)
    whose = PAPER if order.protocol == PAPER else f"here, {order.protocol}"
    verdict = "" if order.protocol == PAPER else _verdict(order)
    return f"- Mean NMI over {', '.join(order.datasets)}, {whose}{_runs(order)}: {names}.{verdict}"


def _verdict(order: Ordering) -> str:
    """Of the networks that the paper compares: is TVGNN first, does the paper's order hold?"""
    if set(order.compared) != set(COMPARED):
        return ""
    first = "is" if order.compared[0] == "tvgnn" else "is NOT"
    start = f" Of the four that the paper compares, TVGNN {first} first"
    if not order.swapped:
        return f"{start}, and the paper's order holds."
    pairs = (f"{METHODS[a].title} comes before {METHODS[b].title}" for a, b in order.swapped)
    return f"{start}; the paper's order does NOT hold: {', '.join(pairs)}."


def _runs(order: Ordering) -> str:
    if order.seeds is None:
        return ""
    fewest, most = order.seeds
    count = f"{most}" if fewest == most else f"{fewest} to {most}"
    return f" ({count} seed{'s' if most > 1 else ''})"


def _ablations(cells: Sequence[Cell]) -> list[str]:
    by_key = {(cell.protocol, cell.dataset, cell.method): cell for cell in cells}
    rows = []
    for whole in (cell for cell in cells if cell.method == "tvgnn"):
        parts = [by_key.get((whole.protocol, whole.dataset, name)) for name in ABLATIONS]
        if any(parts):
            rows.append([whole.dataset, whole.protocol, _nmi(whole),
                         *(text for part in parts for text in _below(part, whole))])  # fmt: skip
    said = (
        "Mean NMI, the number of seeds in parentheses; whether it falls below TVGNN's and by how "
        "much, with the standard error of that difference."
    )
    head = ("data set", "protocol", "TVGNN", "ABL1", "falls below", "ABL2", "falls below")
    return [said, "", *table(head, rows)] if rows else []


def _nmi(cell: Cell) -> str:
    return f"{cell.score.nmi:.3f} ({cell.seeds})"


def _below(part: Cell | None, whole: Cell) -> tuple[str, str]:
    if part is None:
        return "", ""
    by, error = falls_below(part, whole)
    return _nmi(part), f"{_yes(by > 0)}, {plus_minus(by, error)}"


def _missing(cells: Sequence[Cell]) -> list[str]:
    made, wanted = sum(cell.seeds for cell in cells), len(plan())
    few = [_few(cell) for cell in cells if cell.seeds < SEEDS]
    said = f"{made:,} of the {wanted:,} runs that are planned have a row."
    return [said, *([""] if few else ()), *few]


def _few(cell: Cell) -> str:
    seconds = cell.means["seconds"]
    took = f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
    threads = cell.means.get("threads")
    on = "" if threads is None else f" on {threads:g} thread{'' if threads == 1 else 's'}"
    seeds = f"{cell.seeds} of {SEEDS} seeds"
    return f"- {cell.title} on {cell.dataset}, {cell.protocol}: {seeds}; a run took {took}{on}."
