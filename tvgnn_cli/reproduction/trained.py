"""Runs that figures are made of, kept so that two figures of one run train it once."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.api import cluster, embed
from tvgnn_cli.config import make_config
from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.atomic import write_atomically
from tvgnn_cli.io.places import is_there
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.writers import make_folder
from tvgnn_cli.observer import Observer
from tvgnn_cli.reproduction.plan import settings_of_run
from tvgnn_cli.train import Checkpointing


@dataclass(frozen=True, eq=False)
class Trained:
    """Outcome of a run.

    Args:
        assignment: S, `[n, k]`.
        points: X^(L), `[n, h]`.
        scores: of the run's metrics.
    """

    assignment: np.ndarray
    points: np.ndarray
    scores: Mapping[str, float]

    @property
    def labels(self) -> np.ndarray:
        """Hard clusters, `[n]`."""
        return np.asarray(self.assignment.argmax(axis=1))


SCORES = ("loss", "nmi", "acc", "clusters_used", "sharpness", "off_diagonal_mass")


@dataclass(frozen=True, eq=False)
class Runs:
    """Trains what figures ask for.

    Args:
        folder: where runs are kept.
        protocol: "published" or "ours".
        seed: of every run.
        reading: how data sets are read.
        threads: of training.
        observer: told of each run.
        settings: in the place of the protocol's.
        interruption: asked while a network trains, whose state is then kept.
    """

    folder: Path
    protocol: str = "published"
    seed: int = 0
    reading: Mapping[str, Any] = field(default_factory=dict)
    threads: int | None = None
    observer: Observer = field(default_factory=Observer)
    settings: Mapping[str, Any] = field(default_factory=dict)
    interruption: Interruption = field(default_factory=Interruption)

    def on_made_graphs(self) -> Runs:
        """The same with features as they are: rows of places or of noise are not divided by their
        sum, which may be 0.
        """
        return replace(self, settings={**self.settings, "feature_scaling": "none"})

    def graph(self, dataset: str) -> Graph:
        """A data set by name."""
        return read_graph(dataset, **self.reading)

    def of(self, method: str, graph: Graph, num_clusters: int | None = None) -> Trained:
        """A method on a graph, from the folder or trained.

        Raises:
            InterruptionError: it was asked to end; its state is kept.
        """
        chosen = {**settings_of_run(self.protocol, method), **self.settings, "seed": self.seed}
        k = num_clusters or graph.num_classes
        config = make_config({**chosen, "num_clusters": k})
        key = f"{graph.name}-{method}-{graph.fingerprint()[:8]}-{config.fingerprint()[:8]}"
        path = self.folder / f"{key}.npz"
        if is_there(path):
            return _read(path)
        make_folder("`out`", self.folder)
        states = Checkpointing(self.folder / f"{key}.states")
        result = cluster(
            graph, config=config, threads=self.threads, observer=self.observer,
            checkpointing=states, interruption=self.interruption,
        )  # fmt: skip
        assert result.model is not None  # figures are of networks
        assert result.assignment is not None
        points = embed(result.model, graph, threads=self.threads)
        scores = {name: float(result.metrics[name]) for name in SCORES if name in result.metrics}
        made = Trained(result.assignment, points, scores)
        write_atomically(path, _bytes(made))
        shutil.rmtree(self.folder / f"{key}.states", ignore_errors=True)
        return made


def _bytes(run: Trained) -> bytes:
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {f"score_{name}": value for name, value in run.scores.items()}
    np.savez_compressed(buffer, assignment=run.assignment, points=run.points, **arrays)
    return buffer.getvalue()


def _read(path: Path) -> Trained:
    try:
        with np.load(path, allow_pickle=False) as held:
            scores = {
                name.removeprefix("score_"): float(held[name])
                for name in held.files
                if name.startswith("score_")
            }
            return Trained(held["assignment"], held["points"], scores)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: is not a run that was kept ({error}); remove it") from None
