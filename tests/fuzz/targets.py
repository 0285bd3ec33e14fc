"""What reads a file, with inputs to start from, changes to make, and a call that reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.fuzz import seeds
from tests.fuzz.containers import change_npy, change_parquet, change_zip, inside_gzip
from tests.fuzz.mutate import Mutator, change_bytes, change_json, change_words, some
from tests.fuzz.state_files import change_state

TEXT = some(change_words, change_words, change_bytes)
ZIP = some(change_zip, change_zip, change_bytes, most=3)
TABLE = some(change_parquet, change_parquet, change_bytes, most=3)


@dataclass(frozen=True)
class Target:
    """A reader.

    Args:
        name: of the target.
        suffix: of the file.
        start: gives valid inputs.
        mutate: makes another of one.
        read: reads a file in an empty folder, which is the current one.
    """

    name: str
    suffix: str
    start: Callable[[], list[bytes]]
    mutate: Mutator
    read: Callable[[Path], Any]


def _graph(path: Path) -> None:
    from tvgnn_cli import read_graph

    graph = read_graph(path)
    ends = graph.edge_index
    assert graph.num_vertices > 0
    assert not len(ends) or not ends.size or (ends[0] < ends[1]).all()
    assert (
        graph.edge_weight is None
        or (np.isfinite(graph.edge_weight) & (graph.edge_weight > 0)).all()
    )


def _features(path: Path) -> None:
    from tvgnn_cli import read_graph

    assert read_graph(seeds.graph_file(), features=path).num_vertices >= 6


def _labels(path: Path) -> None:
    from tvgnn_cli import read_graph

    graph = read_graph(seeds.graph_file(), labels=path)
    assert graph.y is None or (graph.y < graph.num_classes).all()


def _evaluate(path: Path) -> None:
    from tvgnn_cli import evaluate

    evaluate(path, graph=seeds.graph_file())


def _partition(path: Path) -> None:
    from tvgnn_cli.shaping.partition import read_partition

    found = read_partition(path)
    assert len(found.ids) == len(found.labels) > 0
    assert found.labels.max() < found.k


def _predict(path: Path) -> None:
    from tvgnn_cli import load_model, predict

    result = predict(load_model(path), seeds.graph_file())
    assert np.isfinite(result.assignment).all()
    assert np.abs(result.assignment.sum(axis=1) - 1).max() < 1e-3


def _classifier(path: Path) -> None:
    from tvgnn_cli import load_classifier, predict_graphs

    result = predict_graphs(load_classifier(path), seeds.few_graphs())
    assert np.isfinite(result.probabilities).all()


def _merge(path: Path) -> None:
    from tvgnn_cli import merge

    path.rename("shard-00001-of-00002.tvgnn")
    result = merge(Path()).result
    assert np.isfinite(result.assignment).all()


def _resume(path: Path) -> None:
    from tvgnn_cli import Checkpointing, cluster

    folder = Path("states")
    folder.mkdir(exist_ok=True)
    path.rename(folder / "restart-00000.tvgnn")
    given = {"checkpointing": Checkpointing(folder), "threads": 1}
    result = cluster(seeds.graph_file(), 2, **given, **seeds.SMALL)
    assert np.isfinite(result.assignment).all()


def _settings(path: Path) -> None:
    from tvgnn_cli import make_config
    from tvgnn_cli.config import read_config

    make_config({}, read_config(path))


def _manifest(path: Path) -> None:
    from tvgnn_cli.cli.batch import _with_targets, cluster_options
    from tvgnn_cli.jobs.collisions import refuse_collisions
    from tvgnn_cli.jobs.manifest import read_manifest

    jobs = [_with_targets(job) for job in read_manifest(path, cluster_options())]
    refuse_collisions(path, jobs, ["summary.csv"], Path("batch"))
    assert all(job.key for job in jobs)


def _graph_set(path: Path) -> None:
    from tvgnn_cli import read_graph_set

    assert read_graph_set(path).num_graphs > 0


def _joined(*kinds: Callable[[], list[bytes]]) -> Callable[[], list[bytes]]:
    return lambda: [each for kind in kinds for each in kind()]


TARGETS: Sequence[Target] = (
    Target("edge_list", ".csv", seeds.edge_lists, TEXT, _graph),
    Target(
        "edge_list_gz",
        ".txt.gz",
        lambda: seeds.compressed(seeds.edge_lists()),
        some(inside_gzip(TEXT), change_bytes, most=2),
        _graph,
    ),
    Target("text_graph", ".txt", seeds.other_texts, TEXT, _graph),
    Target("graphml", ".graphml", seeds.xml_texts, TEXT, _graph),
    Target("npy", ".npy", seeds.edge_arrays, some(change_npy, change_npy, change_bytes), _graph),
    Target("npz", ".npz", seeds.archives, ZIP, _graph),
    Target("parquet", ".parquet", seeds.edge_tables, TABLE, _graph),
    Target("h5ad", ".h5ad", seeds.anndata, change_bytes, _graph),
    Target("features_text", ".csv", seeds.vertex_texts, TEXT, _features),
    Target("features_array", ".npz", seeds.feature_arrays, ZIP, _features),
    Target("features_table", ".parquet", seeds.vertex_tables, TABLE, _features),
    Target("labels_text", ".csv", seeds.vertex_texts, TEXT, _labels),
    Target("labels_array", ".npz", seeds.label_arrays, ZIP, _labels),
    Target("labels_table", ".parquet", seeds.vertex_tables, TABLE, _labels),
    Target("evaluate_text", ".csv", seeds.cluster_texts, TEXT, _evaluate),
    Target("evaluate_table", ".parquet", seeds.cluster_tables, TABLE, _evaluate),
    Target("evaluate_anndata", ".h5ad", seeds.observed_clusters, change_bytes, _partition),
    Target("model", ".tvgnn", seeds.models, change_state, _predict),
    Target("classifier", ".tvgnn", seeds.classifiers, change_state, _classifier),
    Target("shards", ".tvgnn", seeds.shards, change_state, _merge),
    Target("checkpoint", ".tvgnn", seeds.states, change_state, _resume),
    Target("settings", ".toml", seeds.settings, TEXT, _settings),
    Target("manifest", ".csv", seeds.manifests, TEXT, _manifest),
    Target("feather", ".feather", seeds.feather, change_bytes, _graph),
    Target("json", ".json", seeds.json_graphs, some(change_json, TEXT), _graph),
    Target("graph_set", ".jsonl", seeds.graph_sets, some(change_json, TEXT), _graph_set),
    Target("graph_set_table", ".parquet", _joined(seeds.graph_set_tables), TABLE, _graph_set),
    Target("graph_set_archive", ".npz", seeds.graph_set_archives, ZIP, _graph_set),
)
"""Every reader of files that come from elsewhere."""

BY_NAME = {target.name: target for target in TARGETS}
