"""Results of parts of a run, each in a file, and the result of the whole from them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, RestartsFailedError, TrainingError, UsageError
from tvgnn_cli.evaluation.metric_table import METRICS
from tvgnn_cli.io.state_file import State, read_facts, read_state, write_state
from tvgnn_cli.io.writers import make_folder
from tvgnn_cli.jobs.shard import Shard
from tvgnn_cli.models.model_file import model_state, restore_model
from tvgnn_cli.run.result import ClusterResult, provenance_of

FORMAT = "tvgnn-shard-1"
WHAT = "a shard that tvgnn saved"
SAME = ("input_fingerprint", "config_fingerprint", "processes")

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


def shard_path(folder: Path, shard: Shard) -> Path:
    """Return the file of a shard's result."""
    return folder / f"shard-{shard.index:05d}-of-{shard.count:05d}.tvgnn"


def write_shard(result: ClusterResult, shard: Shard | str, folder: str | Path) -> Path:
    """Write all that a part of a run's restarts came to, for `merge`; the file's name.

        shard = tvgnn_cli.Shard.parse("1/2")
        result = tvgnn_cli.cluster("edges.csv", 7, restarts=8, only=shard.part(8))
        tvgnn_cli.write_shard(result, shard, "shards")

    Args:
        result: of `cluster(..., only=shard.part(restarts))`.
        shard: which part it is, or text such as "1/2".
        folder: of all parts of the run; made if it is not there.

    Raises:
        UsageError: it cannot be written, or the method trains no network.
    """
    import torch

    shard, folder = Shard.parse(shard) if isinstance(shard, str) else shard, Path(folder)
    if result.model is None or result.assignment is None:
        raise UsageError(f"`shards`: `method` {result.config.method} trains no network")
    model = model_state(result.model)
    ids = "\0".join(result.ids.tolist()).encode()
    tensors = {
        "assignment": torch.from_numpy(result.assignment),
        "ids": torch.from_numpy(np.frombuffer(ids, dtype=np.uint8).copy()),
    }
    if result.confidence is not None:
        tensors["confidence"] = torch.from_numpy(result.confidence)
    if result.names is not None:
        names = "\0".join(result.names.tolist()).encode()
        tensors["names"] = torch.from_numpy(np.frombuffer(names, dtype=np.uint8).copy())
    facts = {
        "shard": str(shard),
        "metrics": result.metrics,
        "notes": result.notes,
        "name": result.name,
    }
    make_folder("`shards`", folder)
    path = shard_path(folder, shard)
    write_state(path, FORMAT, State({**model.tensors, **tensors}, {**model.facts, **facts}))
    return path


def write_failed_shard(error: RestartsFailedError, shard: Shard, folder: Path) -> Path:
    """Write that every restart of a part failed, so that the others can be merged with it.

    Raises:
        UsageError: it cannot be written.
    """
    path = shard_path(folder, shard)
    write_state(path, FORMAT, State(facts={"shard": str(shard), "metrics": error.metrics}))
    return path


def merge(folder: str | Path, *, require_complete: bool = False) -> Merged:
    """The best result among a folder's shards, by what restarts are compared by in one process:
    what edges and features tell of the clusters, or the loss where evidence is not measured; ties
    to the lowest seed.

    Args:
        folder: what `tvgnn cluster --shards` or `write_shard` wrote into.
        require_complete: whether a missing shard is a failure.

    Raises:
        InputError: no shards, damaged ones, or some of another input or configuration.
        UsageError: shards are missing where none may be.
        TrainingError: every restart of every shard failed.
    """
    folder = Path(folder)
    paths = sorted(folder.glob("shard-*.tvgnn"))
    if not paths:
        raise InputError(f"{folder}: holds no shards (shard-*.tvgnn)")
    found = {path: read_facts(path, FORMAT, WHAT) for path in paths}
    _refuse_others(found)
    shards = {Shard.parse(facts["shard"]) for facts in found.values()}
    (count,) = {shard.count for shard in shards}
    missing = tuple(s for s in (Shard(i + 1, count) for i in range(count)) if s not in shards)
    if missing and require_complete:
        named = ", ".join(map(str, missing))
        raise UsageError(f"{folder}: {len(missing)} of {count} shards are missing: {named}")
    rows = [facts["metrics"] for facts in found.values()]
    notes = _notes(rows)
    trained = [path for path in found if "loss" in found[path]["metrics"]]
    if not trained:
        failed = sum(row["restarts_failed"] for row in rows)
        raise TrainingError(f"{folder}: all {failed} restarts failed; lower `lr` or `delta`")
    best = min(trained, key=lambda path: _rank(found[path]["metrics"]))
    whole = _whole(_read_shard(best, found[best]), rows)
    return Merged(replace(whole, notes=(*whole.notes, *notes)), missing)


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


def _refuse_others(found: dict[Path, dict[str, Any]]) -> None:
    first, *rest = found
    for path in rest:
        ours, theirs = found[first]["metrics"], found[path]["metrics"]
        differing = [name for name in SAME if ours.get(name) != theirs.get(name)]
        for metric in METRICS:
            weight, other = theirs.get(metric.name), ours.get(metric.name)
            weighs = metric.weighs and weight and other
            if weighs and not math.isclose(weight, other, rel_tol=ALIKE):
                differing.append(f"weights of {metric.weighs} ({weight:.6g}, {other:.6g})")
        if _count(found[path]) != _count(found[first]):
            differing.append(f"number of shards ({_count(found[path])}, {_count(found[first])})")
        if differing:
            raise InputError(
                f"{path}: is of another run than {first.name}: their {' and '.join(differing)} "
                "differ; merge them apart"
            )


def _count(facts: dict[str, Any]) -> int:
    return Shard.parse(facts["shard"]).count


def _read_shard(path: Path, known: dict[str, Any]) -> ClusterResult:
    """The result of a shard, of which this much was known when it was compared with the others."""
    state = read_state(path, FORMAT, WHAT)
    if json.dumps(state.facts, sort_keys=True) != json.dumps(known, sort_keys=True):
        raise InputError(f"{path}: has changed meanwhile; merge again when all runs have ended")
    assignment = state.tensors["assignment"].numpy()
    facts, model = state.facts, restore_model(state, path)
    return ClusterResult(
        ids=_texts(state.tensors["ids"]),
        labels=assignment.argmax(axis=1),
        assignment=assignment,
        metrics=facts["metrics"],
        config=model.config,
        model=model,
        history=model.history,
        notes=tuple(facts["notes"]),
        name=facts["name"],
        confidence=state.tensors["confidence"].numpy() if "confidence" in state.tensors else None,
        names=_texts(state.tensors["names"]) if "names" in state.tensors else None,
    )


def _texts(joined: Any) -> np.ndarray:
    return np.array(joined.numpy().tobytes().decode().split("\0"), dtype=object)


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
