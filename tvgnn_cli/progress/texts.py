"""News of a run in words."""

from __future__ import annotations

from tvgnn_cli.errors import one_line
from tvgnn_cli.observer import EpochReport

SPELT_OUT = {"totvar": "total variation"}


def phase_text(name: str, done: int, total: int | None) -> str:
    """A phase, and the steps of it that are done where these are counted."""
    return name if total is None else f"{name} {done}/{total}"


def epoch_text(report: EpochReport) -> str:
    """Epoch, loss, its terms and the clusters in use, in one line."""
    restart = f"restart {report.restart + 1}/{report.restarts} " if report.restarts > 1 else ""
    return (
        f"{restart}epoch {report.epoch}/{report.epochs} loss {report.loss:.4f} = "
        f"{terms_text(report, ', ')}; clusters {report.clusters_used}"
    )


def terms_text(report: EpochReport, between: str) -> str:
    """The terms of the loss, each with its name."""
    named = ((name.removesuffix("_loss"), value) for name, value in report.terms.items())
    return between.join(f"{SPELT_OUT.get(name, name)} {value:.4f}" for name, value in named)


def steps_of(report: EpochReport) -> tuple[int, int]:
    """Epochs of all restarts together that are done, and their number."""
    done = report.restart * report.epochs + report.epoch
    return done, report.restarts * report.epochs


def warning_line(text: str) -> str:
    """A warning as callers from Python read it: one line, settings by their names."""
    return f"tvgnn: {one_line(text)}"
