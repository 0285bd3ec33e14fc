"""Result of a whole run, from those of its parts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InputError, TrainingError, UsageError, some_of
from tvgnn_cli.evaluation.metric_table import METRICS
from tvgnn_cli.io.places import found_in, path_of
from tvgnn_cli.jobs.shard import Shard
from tvgnn_cli.jobs.shard_file import (
    SAME,
    ShardFacts,
    TrainedFacts,
    read_shard,
    read_shard_facts,
)
from tvgnn_cli.run.given import partition_of
from tvgnn_cli.run.matching import matched
from tvgnn_cli.run.result import ClusterResult, provenance_of

SHARDS = "shard-*.tvgnn"
"""Names of shards in a folder."""

ALIKE = 1e-3
"""Largest distance of two such weights, of which another machine's k-means changes the last
digits.
"""


@dataclass(frozen=True, eq=False)
class Merged:
    """The result of a whole run, and the parts that were missing.

    Args:
        result: what one process with all restarts of these parts would have come to.
        missing: parts that the folder has no file of.
    """

    result: ClusterResult
    missing: tuple[Shard, ...]


def merge(folder: str | Path, *, require_complete: bool = False, match: Any = None) -> Merged:
    """The best result among a folder's shards, by what restarts are compared by in one process:
    what edges and features tell of the clusters, or the loss where evidence is not measured; ties
    to the lowest seed.

    Args:
        folder: what `tvgnn cluster --shards` or `write_shard` wrote into.
        require_complete: whether a missing shard is a failure.
        match: an earlier clustering whose numbers clusters get, as for `cluster`.

    Raises:
        InputError: no shards, damaged ones, or some of another input or configuration.
        UsageError: no path; shards are missing where none may be.
        TrainingError: every restart of every shard failed.
    """
    folder = path_of(folder, "folder")
    paths = found_in(folder, SHARDS)
    if not paths:
        raise InputError(f"{folder}: holds no shards ({SHARDS})")
    found = {path: read_shard_facts(path) for path in paths}
    _refuse_others(found)
    missing = _missing(found)
    if missing and require_complete:
        named = some_of([str(shard) for shard in missing])
        (count, *_) = {facts.part.count for facts in found.values()}
        raise UsageError(f"{folder}: {len(missing)} of {count} shards are missing: {named}")
    rows = [facts.metrics for facts in found.values()]
    notes = _notes(rows)
    trained = {path: facts for path, facts in found.items() if isinstance(facts, TrainedFacts)}
    if not trained:
        failed = sum(row["restarts_failed"] for row in rows)
        raise TrainingError(f"{folder}: all {failed} restarts failed; lower `lr` or `delta`")
    best = min(trained, key=lambda path: _rank(trained[path].metrics))
    whole = _whole(_best(best, trained[best]), rows)
    whole = replace(whole, notes=(*whole.notes, *notes))
    if match is None:
        return Merged(whole, missing)
    return Merged(matched(whole, partition_of(whole.ids.tolist(), match, whole.name)), missing)


def _notes(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Note what the parts were made with that may change the last digits."""
    for name in (metric.name for metric in METRICS if metric.is_of_making):
        values = sorted({str(row[name]) for row in rows if name in row})
        if len(values) > 1:
            what = name.removeprefix("version_")
            yield f"warning: shards were made with {what} {' and '.join(values)}"


def _rank(metrics: dict[str, Any]) -> tuple[float, float, int]:
    """Rank of restarts, lowest first, as in `fit`."""
    return -metrics.get("support", 0.0), metrics["loss"], metrics["best_seed"]


def _missing(found: Mapping[Path, ShardFacts]) -> tuple[Shard, ...]:
    """The parts that no file is of.

    Raises:
        InputError: two files are of one part.
    """
    first: dict[Shard, Path] = {}
    for path, facts in found.items():
        other = first.setdefault(facts.part, path)
        if other is not path:
            raise InputError(
                f"{path}: is of part {facts.part}, as {other.name} is; remove one of them"
            )
    count = next(iter(first)).count
    return tuple(s for s in (Shard(i + 1, count) for i in range(count)) if s not in first)


def _refuse_others(found: Mapping[Path, ShardFacts]) -> None:
    first, *rest = found
    for path in rest:
        ours, theirs = found[first].metrics, found[path].metrics
        differing = [name for name in SAME if ours.get(name) != theirs.get(name)]
        for metric in METRICS:
            weight, other = theirs.get(metric.name) or 0.0, ours.get(metric.name) or 0.0
            weighs = metric.weighs and weight and other
            if weighs and not math.isclose(weight, other, rel_tol=ALIKE):
                differing.append(f"weights of {metric.weighs} ({weight:.6g}, {other:.6g})")
        counts = found[path].part.count, found[first].part.count
        if counts[0] != counts[1]:
            differing.append(f"number of shards ({counts[0]}, {counts[1]})")
        if differing:
            raise InputError(
                f"{path}: is of another run than {first.name}: their {' and '.join(differing)} "
                "differ; merge them apart"
            )


def _best(path: Path, known: TrainedFacts) -> ClusterResult:
    """The result of a shard, of which this much was known when it was compared with the others."""
    facts, result = read_shard(path)
    if facts != known or result is None:
        raise InputError(f"{path}: has changed meanwhile; merge again when all runs have ended")
    return result


def _whole(best: ClusterResult, rows: Sequence[dict[str, Any]]) -> ClusterResult:
    """The best part's result, with the metrics of all parts together."""
    metrics = dict(best.metrics)
    for metric in METRICS:
        values = [row[metric.name] for row in rows if metric.name in row]
        if metric.together is not None and values:
            metrics[metric.name] = metric.together(values)
    before_model = {k: v for k, v in metrics.items() if k != "model_fingerprint"}
    assert best.model is not None  # shards have one
    model = replace(best.model, provenance=provenance_of(before_model))
    return replace(best, metrics=metrics, model=model)
