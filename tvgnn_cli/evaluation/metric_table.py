"""The table of metrics: what each means, how it is shown, what shards make of it.

Record, summary, figures, merged shards and docs/output.md take it from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tvgnn_cli.io.schema import MisfitError, conform


@dataclass(frozen=True)
class Metric:
    """A column of the metrics of a run.

    Args:
        name: of the column.
        meaning: definition and range, as docs/output.md has it.
        label: in a summary; empty where summaries leave it out.
        form: format of its value there.
        swept: label in the table and the figure of a sweep; empty where these leave it out.
        is_volatile: whether it differs from one run of the same command to the next.
        together: makes one value of those of all shards; None where the best shard's stays.
        weighs: the term of the loss that it is the weight of: losses of other weights do not
            compare.
        is_of_making: whether it changes no more than the last digits of the others.
        kind: type of its values.
    """

    name: str
    meaning: str
    label: str = ""
    form: str = "{}"
    swept: str = ""
    is_volatile: bool = False
    together: Callable[[Sequence[Any]], Any] | None = None
    weighs: str = ""
    is_of_making: bool = False
    kind: type = float


METRICS: tuple[Metric, ...] = (
    Metric("num_clusters", "K that was asked for, or found by `louvain` and `leiden`"),
    Metric(
        "loss", "training loss of the epoch and restart that were kept", "loss", "{:.4f}", "loss"
    ),
    Metric("clusters_used", "clusters with a vertex", swept="used"),
    Metric("smallest_cluster", "vertices of the smallest cluster"),
    Metric("largest_cluster", "vertices of the largest cluster"),
    Metric(
        "totvar_loss", "L_GTV (Eq. 14), before it is weighted, 0 to 1", "  total variation",
        "{:.4f}",
    ),
    Metric(
        "balance_loss",
        "L_AN (Eq. 15), before it is weighted: 0 for even, sharp clusters, 1 for a single one, or "
        "for undecided ones",
        "  balance", "{:.4f}",
    ),
    Metric(
        "near_loss",
        "total variation over pairs that are near by features "
        "([objective](defaults.md#the-objective)), 0 to 1",
        "  variation, near pairs", "{:.4f}",
    ),
    Metric(
        "spread_loss", "spread of features inside clusters as a share of all, 0 to 1",
        "  spread of features", "{:.4f}",
    ),
    Metric("mincut_loss", "cut term of MinCutPool, -1 to 0", "  cut", "{:.4f}"),
    Metric(
        "orthogonality_loss", "orthogonality term of MinCutPool, at least 0", "  orthogonality",
        "{:.4f}",
    ),
    Metric("modularity_loss", "modularity term of DMoN, -1 to 1/2", "  modularity", "{:.4f}"),
    Metric("collapse_loss", "collapse term of DMoN, at least 0", "  collapse", "{:.4f}"),
    Metric("link_loss", "link prediction term of DiffPool, at least 0", "  links", "{:.4f}"),
    Metric("entropy_loss", "entropy term of DiffPool, at least 0", "  entropy", "{:.4f}"),
    Metric(
        "fixed_loss", "cross entropy of the fixed vertices ([shapes.md](shapes.md)), at least 0",
        "  fixed vertices", "{:.4f}",
    ),
    Metric("totvar_coeff", "weight of `totvar_loss`", weighs="the total variation"),
    Metric("balance_coeff", "weight of `balance_loss`", weighs="the balance loss"),
    Metric("near_coeff", "weight of `near_loss`", weighs="near pairs"),
    Metric("spread_coeff", "weight of `spread_loss`", weighs="the spread of features"),
    Metric("epochs", "epochs trained", "epochs"),
    Metric(
        "batches", "of `--batch parts`: batches of an epoch, those of all processes", "  batches",
        "{:,}",
    ),
    Metric(
        "parts", "of `--batch parts`: METIS parts that batches are made of", "  of parts", "{:,}"
    ),
    Metric("restarts", "trainings that were asked for"),
    Metric("restarts_failed", "trainings whose loss was no finite number", together=sum),
    Metric(
        "cut_fraction", "weight of the edges between clusters over the weight of all, 0 to 1",
        "edges cut", "{:.1%}", "edges cut",
    ),
    Metric(
        "modularity", "Newman's, at resolution 1; below 1", "modularity", "{:.3f}", "modularity"
    ),
    Metric(
        "mean_conductance",
        "mean over clusters of cut / min(volume, volume of the rest), 0 to 1",
        "mean conductance", "{:.3f}",
    ),
    Metric(
        "bits_saved",
        "bits an edge by which naming the clusters shortens a description of the edges "
        "([numbers](numbers.md)); below 0 where clusters cost more than they save",
        "bits saved an edge", "{:.3f}", "bits saved",
    ),
    Metric(
        "sharpness", "mean over vertices of the largest probability, 1/K to 1", "sharpness",
        "{:.3f}", "sharpness",
    ),
    Metric(
        "off_diagonal_mass",
        "share of `S S^T` between vertices of different clusters, 0 to 1; 0 where assignments are "
        "sharp",
    ),
    Metric("mean_confidence", "mean over vertices of `confidence`", "confidence", "{:.3f}"),
    Metric(
        "view",
        "what clusters were sought in, where [evidence](defaults.md#evidence-before-trust) decided "
        "it: `both`, `joint`, `features` or `edges`", kind=str,
    ),
    Metric(
        "evidence_edges",
        "share of a vertex's cluster that edges tell which the clusters of that view were not "
        "found from, less what chance gives; at most 1",
    ),
    Metric("evidence_features", "the same of features"),
    Metric(
        "stability",
        "mean ARI between clusterings of that view, each found without another part of the edges "
        "or half of the features; where there are two; not the column of this name, whose mean is "
        "`stability_mean`",
    ),
    Metric("evidence_sure", "whether any view foretells more than chance does", kind=bool),
    Metric(
        "encoder",
        "what was made of the features, where evidence decided: `none`, `factors` or `mixed` "
        "([encoders](defaults.md#encoders))", kind=str,
    ),
    Metric(
        "start_reached",
        "share of the vertices of the start that was given (`--init`) which the network begins "
        "with in their cluster, 0 to 1",
    ),
    Metric("kept", "`training`, or `start` where training gained nothing", kind=str),
    Metric(
        "support",
        "share of a vertex's cluster that all edges tell plus the share that all features do, 0 to "
        "2: what restarts are compared by", form="{:.3f}", swept="support",
    ),
    Metric(
        "support_shaped",
        "the same of the clusters that are written, where these are others: fixed, joined, split "
        "off or merged",
    ),
    Metric(
        "agreement",
        "of `tvgnn sweep` and of a consensus: mean adjusted Rand index between any two restarts, "
        "or files of clusters",
        form="{:.3f}", swept="agreement",
    ),
    Metric(
        "agreement_next",
        "of `tvgnn sweep`: adjusted Rand index between these clusters and those of the next larger "
        "number", form="{:.3f}",
    ),
    Metric("clusterings", "of `tvgnn consensus`: clusterings that were given"),
    Metric(
        "stability_mean", "of a consensus: mean over vertices of `stability`", "stability",
        "{:.3f}",
    ),
    Metric("loss_spread", "of `tvgnn sweep`: standard deviation of the restarts' losses"),
    Metric("fixed", "vertices whose cluster was given, and kept (`--fixed`)", "fixed", "{:,}"),
    Metric(
        "clusters_found",
        "clusters with a vertex before pieces were joined or split off, small clusters merged "
        "and vertices of little confidence left out "
        "([shapes.md](shapes.md))",
    ),
    Metric("vertices_joined", "vertices of pieces that joined a neighbouring cluster"),
    Metric("clusters_split_off", "pieces that became clusters of their own"),
    Metric("clusters_absorbed", "clusters below `min_size` that merged into a neighbour"),
    Metric(
        "unassigned",
        "vertices in no cluster: below `min_confidence`, or of cluster -1 where `tvgnn evaluate` "
        "reads it; all scores leave them out",
        "in no cluster", "{:,}",
    ),
    Metric("vertices_overlapping", "vertices with more than one cluster in `clusters`"),
    Metric("matched_with", "earlier clusters whose numbers these have (`--match`)", kind=str),
    Metric(
        "vertices_moved",
        "vertices that have a cluster now and before, and are not in the one that their earlier "
        "one is matched with ([over-time.md](over-time.md))", "moved", "{:,}",
    ),
    Metric(
        "vertices_updated",
        "of `tvgnn update`: vertices in another cluster than the model put them in", "updated",
        "{:,}",
    ),
    Metric("vertices_new", "vertices with a cluster now that had none", "new vertices", "{:,}"),
    Metric("vertices_gone", "vertices that had a cluster and have none", "gone", "{:,}"),
    Metric("clusters_new", "clusters with vertices that are matched with no earlier one"),
    Metric("clusters_gone", "earlier clusters that are matched with none"),
    Metric("clusters_split", "earlier clusters that two or more come from"),
    Metric("clusters_merged", "clusters that two or more earlier ones went into"),
    Metric("num_labelled", "vertices of known class: the next three scores are theirs"),
    Metric(
        "nmi", "normalised mutual information, by the arithmetic mean of the entropies, 0 to 1",
        "NMI", "{:.3f}", "NMI",
    ),
    Metric(
        "acc",
        "share of vertices in the class that their cluster is matched with, one to one, so that "
        "the share is largest, 0 to 1",
        "ACC", "{:.1%}",
    ),
    Metric("ari", "adjusted Rand index; 0 is chance, 1 the same partition", "ARI", "{:.3f}"),
    Metric("method", "as asked for", kind=str),
    Metric("preset", "as asked for", kind=str),
    Metric("seed", "base of all randomness", "seed"),
    Metric("best_seed", "seed of the restart that was kept (`seed` plus its number)"),
    Metric(
        "options",
        "settings and options of reading that differ from those of `method` and `preset`, as "
        "arguments of `tvgnn_cli.cluster`, names of files without their folders",
        kind=str,
    ),
    Metric("input", "name of the graph", kind=str),
    Metric("num_vertices", "vertices that were read"),
    Metric("num_edges", "undirected edges that were read"),
    Metric("num_features", "features of each vertex that were read"),
    Metric(
        "input_fingerprint", "SHA-256 of ids, edges, weights and features; labels are not in it",
        kind=str,
    ),
    Metric("config_fingerprint", "SHA-256 of all settings", kind=str),
    Metric(
        "model_fingerprint", "SHA-256 of weights, settings and what was learned of the features",
        kind=str,
    ),
    Metric(
        "updated_from", "of `tvgnn update`: `model_fingerprint` of the model that was updated",
        kind=str,
    ),
    Metric("version_tvgnn", "version of tvgnn", is_of_making=True, kind=str),
    Metric("version_python", "version of Python", kind=str),
    Metric("version_torch", "version of PyTorch", is_of_making=True, kind=str),
    Metric("version_torch-geometric", "version of PyTorch Geometric", kind=str),
    Metric("version_scikit-learn", "version of scikit-learn", is_of_making=True, kind=str),
    Metric("version_scipy", "version of SciPy", kind=str),
    Metric("version_numpy", "version of NumPy", kind=str),
    Metric("processes", "processes that trained one network together"),
    Metric("restarts_at_a_time", "restarts trained side by side, each in a process of its own"),
    Metric("device", "where the network was trained", is_of_making=True, kind=str),
    Metric(
        "threads",
        "threads of the processor: small graphs take fewer than they are given "
        "([performance.md](performance.md))",
        "threads", is_of_making=True,
    ),
    Metric(
        "kernels",
        "a network's passes over neighbours: compiled for the instructions that the processor has, "
        "`avx512`, `avx2` or `base`; `torch` where they were not compiled, `TVGNN_NO_FUSED` is "
        "set, or the device is no CPU",
        "kernels", is_of_making=True, kind=str,
    ),
    Metric(
        "seconds", "wall clock from reading on", "seconds", "{:.1f}", is_volatile=True,
        together=sum,
    ),
    Metric("seconds_reading", "those of reading", is_volatile=True, together=sum),
    Metric(
        "seconds_choosing", "those of choosing the number of clusters, where that was asked for",
        is_volatile=True, together=sum,
    ),
    Metric(
        "seconds_preparing", "those of features, evidence and what else comes before training",
        is_volatile=True, together=sum,
    ),
    Metric("seconds_training", "those of training, or of another method", is_volatile=True,
           together=sum),
    Metric(
        "seconds_per_epoch", "median over epochs of their wall clock", is_volatile=True,
        together=median,
    ),
    Metric(
        "peak_memory_mb", "most memory held, in MB of 10^6 bytes", "peak memory", "{:.0f} MB",
        is_volatile=True, together=max,
    ),
    Metric(
        "memory_estimate_mb", "memory that was expected before training, in the same unit",
        is_volatile=True,
    ),
    Metric(
        "peak_gpu_memory_mb", "most memory of a GPU that torch held, where one was used",
        "peak GPU memory", "{:.0f} MB", is_volatile=True, together=max,
    ),
    Metric(
        "gpu_memory_estimate_mb", "memory of that GPU that was expected before training",
        is_volatile=True,
    ),
    Metric(
        "features_on",
        "where features were kept while a GPU trained: `device`, its own memory; `host`, where "
        "they did not fit there and were sent to it as it went",
        "features on", is_volatile=True, kind=str,
    ),
)  # fmt: skip
"""In the order in which summaries and pages show them."""

VOLATILE = tuple(metric.name for metric in METRICS if metric.is_volatile)
"""Metrics that differ from one run of the same command to the next; files of clusters and models
leave them out, so that these are the same to the byte.
"""


def shown(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and text of each metric that a summary shows."""
    return [
        (metric.label, metric.form.format(values[metric.name]))
        for metric in METRICS
        if metric.label and values.get(metric.name) is not None
    ]


def check_metrics(values: Mapping[str, Any], needed: Sequence[str] = ()) -> None:
    """Compare the metrics of a file with this table. Those that decide something are finite.

    Args:
        values: the metrics by name; others than the table's are not looked at.
        needed: names of those that must be there.

    Raises:
        MisfitError: one is missing or of another type.
    """
    for name in needed:
        if values.get(name) is None:
            raise MisfitError(f"it has no {name} among its metrics")
    for metric in METRICS:
        value = values.get(metric.name)
        decides = metric.name in DECISIVE or metric.weighs or metric.together
        if value is None or (not decides and isinstance(value, float) and metric.kind is float):
            continue
        conform(metric.kind, value, metric.name)


DECISIVE = ("loss", "support", "best_seed")
"""Metrics that restarts are compared by."""
