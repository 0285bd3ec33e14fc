"""Result of a part of a run, in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from tvgnn_cli.errors import RestartsFailedError, UsageError
from tvgnn_cli.evaluation.metric_table import check_metrics
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.io.claims import Holder
from tvgnn_cli.io.schema import Cell, Matching, MisfitError, declared
from tvgnn_cli.io.state_file import State, read_facts, read_state, refusal, write_state
from tvgnn_cli.io.writers import make_folder
from tvgnn_cli.jobs.shard import Shard
from tvgnn_cli.models.model_file import ModelFacts, model_state, restore_model
from tvgnn_cli.observer import Observer
from tvgnn_cli.run.result import ClusterResult
from tvgnn_cli.train import Team
from tvgnn_cli.train.identity import claimed_by_team

if TYPE_CHECKING:
    from torch import Tensor

    from tvgnn_cli.models.weights import Form

TEXTS = ("ids", "names", "titles")
OWN = (*TEXTS, "confidence", "labels", "numbers")
"""Tensors of a result beside its model and its soft assignment."""

FORMAT = "tvgnn-shard-2"
WHAT = "a shard that tvgnn saved"
SAME = ("input_fingerprint", "config_fingerprint", "processes")
"""Metrics in which the parts of one run are alike."""


@dataclass(frozen=True)
class ShardFacts:
    """Facts of every shard: which it is, and the metrics of its part of the run."""

    shard: Annotated[str, Matching("[0-9]{1,6}/[0-9]{1,6}", "a part and their number, as in 3/8")]
    metrics: dict[str, Cell]

    def __post_init__(self) -> None:
        check_metrics(self.metrics, ("restarts_failed", *SAME))
        self.part  # noqa: B018 checked here

    @property
    def part(self) -> Shard:
        return Shard.parse(self.shard)


@dataclass(frozen=True)
class TrainedFacts(ModelFacts, ShardFacts):
    """Facts of a shard of which some restart did not fail."""

    notes: tuple[str, ...]
    name: str

    def __post_init__(self) -> None:
        ShardFacts.__post_init__(self)
        ModelFacts.__post_init__(self)
        check_metrics(self.metrics, ("loss", "best_seed"))
        if self.metrics["config_fingerprint"] != self.config.fingerprint():
            raise MisfitError("metrics.config_fingerprint is that of other settings")
        if _stem(self.name) != self.name:
            raise MisfitError(f"name is {self.name!r:.40}; needs to be a file's name")


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
    if result.model is None:
        raise UsageError(f"`shards`: `method` {result.config.method} trains no network")
    if result.assignment is None:
        raise UsageError("`shards`: clusters without soft assignments cannot be kept")
    if result.stability is not None:
        raise UsageError("`shards`: a consensus is of all restarts, and no part of a run")
    model = model_state(result.model)
    tensors = {
        "assignment": torch.from_numpy(result.assignment),
        "ids": _joined(result.ids, "ids"),
    }
    if result.confidence is not None:
        tensors["confidence"] = torch.from_numpy(result.confidence)
    numbers = (
        np.arange(result.assignment.shape[1]) if result.columns_of is None else result.columns_of
    )
    if not np.array_equal(result.labels, numbers[result.assignment.argmax(axis=1)]):
        tensors["labels"] = torch.from_numpy(result.labels)
    if result.columns_of is not None or len(numbers) != result.config.clusters:
        tensors["numbers"] = torch.from_numpy(numbers)
    if result.titles:
        tensors["titles"] = _joined(np.array(result.titles, dtype=object), "titles")
    if result.names is not None:
        tensors["names"] = _joined(result.names, "names")
    facts = {
        "shard": str(shard),
        "metrics": result.metrics,
        "notes": result.notes,
        "name": _stem(result.name),
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


@contextmanager
def claimed_shard(
    folder: Path, shard: Shard, settings: str, observer: Observer, team: Team
) -> Iterator[None]:
    """While a part of a run is made, which no other process makes then; other parts may be.

    Args:
        folder: of all parts.
        shard: the part.
        settings: fingerprint of what all parts have in common.
        observer: told where the folder cannot be locked.
        team: the processes of the run.

    Raises:
        UsageError: another process makes the same part, or a part of another run.
    """
    facts = {"shard": shard.index, "of": shard.count, "settings": settings}

    def is_in_the_way(holder: Holder) -> bool:
        theirs = {name: holder.facts.get(name) for name in facts}
        return theirs["shard"] == shard.index or theirs != {**facts, "shard": theirs["shard"]}

    with claimed_by_team("shards", folder, facts, is_in_the_way, observer, team):
        yield


def read_shard_facts(path: Path) -> ShardFacts:
    """Facts of a shard, without its tensors.

    Raises:
        InputError: it is missing, damaged or of another kind.
    """
    return _declared(path, read_facts(path, FORMAT, WHAT))


def read_shard(path: Path) -> tuple[ShardFacts, ClusterResult | None]:
    """Facts of a shard and its result; None where all of its restarts failed.

    Raises:
        InputError: it is missing, damaged or of another kind.
    """
    state = read_state(path, FORMAT, WHAT)
    facts = _declared(path, state.facts)
    with state.checked():
        return facts, _restored(facts, state) if isinstance(facts, TrainedFacts) else None


def _declared(path: Path, facts: dict[str, Any]) -> ShardFacts:
    """The facts of a shard.

    Raises:
        InputError: they are not what a shard says.
    """
    kind = TrainedFacts if "config" in facts else ShardFacts
    try:
        return declared(kind, facts)
    except (ValueError, UsageError) as error:
        raise refusal(path, error) from None


def _restored(facts: TrainedFacts, state: State) -> ClusterResult:
    """The result that `write_shard` took apart.

    Raises:
        ValueError: tensors are missing, unknown, of other sizes than the facts say, or no numbers.
    """
    import torch

    from tvgnn_cli.models.weights import check_prefixes, check_tensors

    check_prefixes(state.tensors, ("state.", "recipe.", "assignment", *OWN))
    model = restore_model(facts, state)
    own = {n: v for n, v in state.tensors.items() if not n.startswith(("state.", "recipe."))}
    texts = {name: _texts(own, name) for name in TEXTS if name == "ids" or name in own}
    size, k = len(texts["ids"]), model.config.clusters
    if "numbers" in own and own["numbers"].dim() == 1:
        k = len(own["numbers"])
    wanted: dict[str, Form] = {"assignment": (torch.float32, (size, k))}
    forms: dict[str, Form] = {
        "confidence": (torch.float32, (size,)),
        "labels": (torch.int64, (size,)),
        "numbers": (torch.int64, (k,)),
    }
    wanted |= {name: form for name, form in forms.items() if name in own}
    check_tensors({n: v for n, v in own.items() if n not in texts}, wanted)
    if len(texts.get("names", texts["ids"])) != size:
        raise ValueError(f"it has {size:,} ids and {len(texts['names']):,} names")
    assignment = own["assignment"].numpy()
    if (assignment < 0).any() or not np.allclose(assignment.sum(axis=1), 1, atol=1e-3):
        raise ValueError("assignment has rows that are no probabilities")
    if "titles" in texts and len(texts["titles"]) != k:
        raise ValueError(f"it has {k:,} clusters and {len(texts['titles']):,} titles")
    labels, numbers = _numbered(own, assignment)
    return ClusterResult(
        ids=texts["ids"],
        labels=labels,
        assignment=assignment,
        metrics=facts.metrics,
        config=model.config,
        model=model,
        history=model.history,
        notes=facts.notes,
        name=facts.name,
        confidence=own["confidence"].numpy() if "confidence" in own else None,
        names=texts.get("names"),
        columns_of=numbers,
        titles=tuple(texts["titles"].tolist()) if "titles" in texts else (),
    )


def _numbered(
    own: Mapping[str, Tensor], assignment: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """Clusters of the vertices by number, and these numbers; None for 0, 1, 2, ...

    Raises:
        ValueError: numbers that do not rise from 0 on, or a cluster that has none.
    """
    k = assignment.shape[1]
    numbers = own["numbers"].numpy() if "numbers" in own else np.arange(k)
    if (numbers < 0).any() or (np.diff(numbers) <= 0).any():
        raise ValueError("its numbers do not rise")
    is_plain = np.array_equal(numbers, np.arange(k))
    if "labels" not in own:
        return numbers[assignment.argmax(axis=1)], None if is_plain else numbers
    labels = own["labels"].numpy()
    if not np.isin(labels, np.append(numbers, UNKNOWN)).all():
        raise ValueError("it has vertices in clusters without a number")
    return labels, None if is_plain else numbers


def _joined(texts: np.ndarray, what: str) -> Tensor:
    """Texts as bytes, with a NUL between each two.

    Raises:
        UsageError: one of them has a NUL itself.
    """
    import torch

    joined = "\0".join(texts.tolist())
    if joined.count("\0") != max(len(texts) - 1, 0):
        raise UsageError(f"`shards`: {what} with a NUL character cannot be kept")
    return torch.from_numpy(np.frombuffer(joined.encode(), dtype=np.uint8).copy())


def _texts(tensors: Mapping[str, Tensor], name: str) -> np.ndarray:
    """The texts that were joined.

    Raises:
        ValueError: they are no such texts.
    """
    import torch

    joined = tensors.get(name)
    if joined is None or joined.dtype != torch.uint8 or joined.dim() != 1:
        raise ValueError(f"it has no {name} as bytes")
    return np.array(joined.numpy().tobytes().decode().split("\0"), dtype=object)


def _stem(name: str) -> str:
    """A name that files may be named after; "graph" for one that would lead elsewhere."""
    is_plain = name.isprintable() and Path(name).name == name and len(name.encode()) < LONGEST
    return name if is_plain else "graph"


LONGEST = 200
"""Bytes of a name that leave room for `.clusters.csv`."""
