"""Findings on the paper's claims from the rows of Table 1, for docs/reproduction.md."""

from __future__ import annotations

from collections.abc import Sequence

from tvgnn_cli.io.datasets import DATASETS
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
    means_over_datasets,
    orderings,
    rivals,
)


def findings(cells: Sequence[Cell]) -> list[str]:
    """Lines of Markdown: TVGNN beside the paper and beside every other method, the order of the
    networks, the ablations, and where fewer runs were made than planned.
    """
    parts = {
        "TVGNN beside the paper": _beside_the_paper(cells),
        "TVGNN beside every other method": _beside_others(cells),
        "Means over the data sets": _means(cells),
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
        "Our mean minus the paper's, and in parentheses the same in the paper's standard "
        "deviations. Within or above: both means are at least the paper's minus one of its "
        "deviations. Lowest loss: the same test for the one seed with the lowest training loss."
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


def _beside_others(cells: Sequence[Cell]) -> list[str]:
    said = (
        "The paper: TVGNN outperforms every other method in terms of both NMI and ACC (Section "
        "4.1). Methods whose mean is above TVGNN's here, the highest first; networks are those of "
        "the same protocol. SSGC and k-means is the start of TVGNN by our defaults: what training "
        "adds is what lies between the two."
    )
    head = ("data set", "protocol", "TVGNN NMI", "above it", "TVGNN ACC", "above it")
    rows = [
        [cell.dataset, cell.protocol, f"{cell.score.nmi:.3f}", _above(cell, others, "nmi"),
         f"{cell.score.acc:.1f}", _above(cell, others, "acc")]
        for cell in cells if cell.method == "tvgnn" and (others := rivals(cell, cells))
    ]  # fmt: skip
    return [said, "", *table(head, rows)] if rows else []


def _above(cell: Cell, others: Sequence[Cell], measure: str) -> str:
    def value(each: Cell) -> float:
        return float(getattr(each.score, measure))

    above = sorted((o for o in others if value(o) > value(cell)), key=value, reverse=True)
    digits = 3 if measure == "nmi" else 1
    return ", ".join(f"{o.title} {value(o):.{digits}f}" for o in above) or "none"


def _means(cells: Sequence[Cell]) -> list[str]:
    rows = [
        [mean.title, mean.protocol, f"{mean.nmi:.3f}", f"{mean.acc:.1f}"]
        for mean in means_over_datasets(cells)
    ]
    said = f"Of every method with rows on {', '.join(DATASETS)}."
    return [said, "", *table(("method", "protocol", "NMI", "ACC"), rows)] if rows else []


def _yes(holds: bool | None) -> str:
    return "" if holds is None else "yes" if holds else "NO"


def _order_line(order: Ordering) -> str:
    # A mean of decimals that ends with 5 is rounded up, which its binary form may not be.
    names = " > ".join(f"{METHODS[name].title} {nmi + 1e-9:.3f}" for name, nmi in order.methods)
    whose = PAPER if order.protocol == PAPER else f"here, {order.protocol}"
    verdict = "" if order.protocol == PAPER else _verdict(order)
    return f"- Mean NMI over {', '.join(order.datasets)}, {whose}{_runs(order)}: {names}.{verdict}"


def _verdict(order: Ordering) -> str:
    """Judge the networks that the paper compares: is TVGNN first, does the paper's order hold?"""
    if set(order.compared) != set(COMPARED):
        return ""
    first = "is" if order.compared[0] == "tvgnn" else "is NOT"
    named = ", ".join(METHODS[name].title for name in COMPARED)
    start = f" Of the networks that the paper compares ({named}), TVGNN {first} first"
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
        "Mean NMI, the number of seeds in parentheses. Whether it falls below TVGNN's: by how much "
        "on the seeds that both have, with the standard error of that mean difference, and "
        "`unclear` where 0 is in its 95 % confidence interval (Student's t) or one seed is all."
    )
    head = ("data set", "protocol", "TVGNN", "ABL1", "falls below", "ABL2", "falls below")
    return [said, "", *table(head, rows)] if rows else []


def _nmi(cell: Cell) -> str:
    return f"{cell.score.nmi:.3f} ({cell.seeds})"


def _below(part: Cell | None, whole: Cell) -> tuple[str, str]:
    if part is None:
        return "", ""
    found = falls_below(part, whole)
    if found is None:
        return _nmi(part), ""
    said = _yes(found.by > 0) if found.is_clear else "unclear"
    return _nmi(part), f"{said}, {plus_minus(found.by, found.error)}"


def _missing(cells: Sequence[Cell]) -> list[str]:
    """Count the planned runs that have a row, and name the methods that lack some."""
    known = {(cell.protocol, cell.method, cell.dataset): cell for cell in cells}
    wanted = plan()
    lacking: dict[tuple[str, str, str], int] = {}
    for run in wanted:
        key = run.protocol, run.method, run.dataset
        if key not in known or run.seed not in known[key].nmi_of:
            lacking[key] = lacking.get(key, 0) + 1
    made = len(wanted) - sum(lacking.values())
    few = [_few(key, known.get(key), SEEDS - number) for key, number in lacking.items()]
    said = f"{made:,} of the {len(wanted):,} runs that are planned have a row."
    if few:
        said += (
            f" The protocol asks for {SEEDS} seeds, and for fewer where a single run takes over 15 "
            "minutes on two cores, as these do on cores without AVX-512 "
            "([performance.md](performance.md))."
        )
    return [said, *([""] if few else ()), *few]


def _few(key: tuple[str, str, str], cell: Cell | None, seeds: int) -> str:
    protocol, method, dataset = key
    which = f"- {METHODS[method].title} on {dataset}, {protocol}: {seeds} of {SEEDS} seeds"
    if cell is None:
        return f"{which}."
    seconds = cell.means["seconds"]
    took = f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
    threads = cell.means.get("threads")
    on = "" if threads is None else f" on {threads:g} thread{'' if threads == 1 else 's'}"
    return f"{which}; a run took {took}{on}."
