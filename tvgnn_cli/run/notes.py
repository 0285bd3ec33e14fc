"""Sentences of a run's summary: what may surprise its reader, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from tvgnn_cli.config import BOTH, EDGES, FACTORS, FEATURES, JOINT, MIXED, NONE, ClusterConfig
from tvgnn_cli.config.setting import arguments_in
from tvgnn_cli.errors import counted, some_of
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.kernels import absence
from tvgnn_cli.machine.threads import notes_on_threads
from tvgnn_cli.methods import METHODS
from tvgnn_cli.prepare.edge_weights import Clipped
from tvgnn_cli.prepare.evidence.views import NO_EVIDENCE
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe
from tvgnn_cli.prepare.prepared import Prepared
from tvgnn_cli.run.record import clusters_used, is_collapsed
from tvgnn_cli.train import Fitted

SLOWER = 4
"""Times that an epoch takes in plain torch, at most, of those in docs/performance.md."""


def notes_on_input(graph: Graph, recipe: FeatureRecipe | None) -> tuple[str, ...]:
    """Note what was done with the input that its reader might not expect. No recipe stands for a
    method that makes its own of the features, or does not look at them.
    """
    notes = [*graph.counts.notes(), *graph.notes]
    source = "given" if recipe is None else recipe.source
    if source != "given" and graph.x is None:
        notes.append(f"no features in the input: {source} features are used")
    elif source != "given":
        notes.append(f"the input's features are not used: the model is one of {source} features")
    return (*notes, *graph.counts.last_notes())


def notes_on_weights(clipped: Clipped | None) -> tuple[str, ...]:
    """Note which edges count as less than they weigh."""
    if clipped is None:
        return ()
    return (
        f"weights are clipped at {clipped.heaviest:.4g}, of {counted(clipped.edges, 'edge')} that "
        "would outweigh all others of their vertices (`clip_weights=False` leaves them)",
    )


def notes_on_isolated(edge_index: np.ndarray, num_vertices: int) -> tuple[str, ...]:
    """Note that nothing tells the cluster of vertices without edges, where edges alone tell."""
    degrees = np.bincount(edge_index.reshape(-1), minlength=num_vertices)
    isolated = int((degrees == 0).sum())
    if not isolated:
        return ()
    return (
        f"nothing tells the cluster of {counted(isolated, 'vertex')} without edges "
        "(`min_confidence` leaves out those whose cluster is not known)",
    )


def notes_on_position(graph: Graph, recipe: FeatureRecipe) -> tuple[str, ...]:
    """Note that a saved model takes features by their position, where either side has no names."""
    known, found = recipe.feature_names, graph.feature_names
    if recipe.source != "given" or bool(known) == bool(found):
        return ()
    whose, names = ("the model's", found) if found else ("the input's", known)
    return (f"{whose} features have no names: taken by position, {some_of(names)}",)


def notes_on_weight(graph: Graph, provenance: Mapping[str, Any]) -> tuple[str, ...]:
    """Note that a saved model was trained on a weight by name, and is used with another."""
    asked = arguments_in(str(provenance.get("options", ""))).get("weight")
    here = dict(graph.read_with).get("weight")
    if asked == here:
        return ()
    trained = "the one that was found" if asked is None else f"'{asked}'"
    told = "the one that is found" if here is None else f"'{here}'"
    return (f"`weight`: the model was trained with {trained}, and is used with {told}",)


def notes_on_encoder(config: ClusterConfig, recipe: FeatureRecipe) -> tuple[str, ...]:
    """Note that an encoder which was asked for has nothing to work on."""
    if config.encoder not in ENCODED or recipe.factors.size:
        return ()
    return (
        f"`encoder` {config.encoder} changes nothing: clusters are not sought in features averaged "
        "over near vertices",
    )


def notes_on_agreement(fitted: Fitted) -> tuple[str, ...]:
    """Note what clusters of a consensus are, and what is one restart's."""
    found = fitted.agreement
    if found is None:
        return ()
    kept = f"seed {fitted.run.seed}, ARI {found.of_model:.3f} with them"
    of_one = f"losses and the model are those of the restart nearest to the clusters: {kept}"
    if found.between is None:
        return ("warning: only one restart did not fail: nothing says how stable clusters are",)
    always = float((found.stability == 1).mean())
    return (
        f"consensus of {found.count} restarts, mean ARI {found.between:.3f} between two: "
        f"{always:.1%} of the vertices are in the same cluster in all",
        of_one,
    )


def notes_on_evidence(prepared: Prepared, fitted: Fitted) -> tuple[str, ...]:
    """Note what was left out for want of evidence, whether training helped, and what is not
    known.
    """
    evidence = prepared.evidence
    if evidence is None:
        why = prepared.unmeasured
        return (f"evidence for clusters: not measured ({why})",) if why else ()
    again = f"; {evidence.agreement}" if evidence.agreement else ""
    notes = [f"evidence for clusters: of what was held back, {evidence.of_view.told}{again}"]
    if evidence.view != BOTH and BOTH in evidence.support:
        notes.append(TAKEN[evidence.view].format(evidence.support[BOTH].told))
    if prepared.encoding is not None and prepared.encoding.encoder != NONE:
        notes.append(f"features: {ENCODED[prepared.encoding.encoder]}")
    if not evidence.is_sure:
        notes.append(f"warning: {NO_EVIDENCE}")
    is_one = fitted.agreement is None  # and not what several agree on, each of which may differ
    if is_one and fitted.is_start and fitted.run.epochs and fitted.against_start is not None:
        start, trained = fitted.against_start
        sources = "edges" if start.features is None else "edges and features"
        notes.append(
            f"training is not kept: {sources} tell {trained.share:.3f} of its clusters, and "
            f"{start.share:.3f} of those that it started from; it has to gain 1 %"
        )
    reached = fitted.reached
    if fitted.is_start and reached < REACHED:
        notes.append(
            "warning: the network does not reach the clusters that it starts from: its largest "
            f"probabilities are {reached:.3f} on average; where vertices have many neighbours, "
            "`degree_weighted` or a smaller `delta` may"
        )
    return tuple(notes)


REACHED = 0.95
"""Mean largest probability of a start that the network has learned; training of it ends at .975."""


TAKEN = {
    EDGES: "features are left out: clusters are sought in the edges alone; with both {} (`view` "
    "both takes both)",
    FEATURES: "edges are left out: clusters are sought in the features alone; with both {} (`view` "
    "both takes both)",
    JOINT: "edges stand beside the features: clusters are sought in features averaged over near "
    "vertices, and in the graph's eigenvectors; with `view` both, which leaves these out, {}",
}
"""Lines on views other than features averaged over near vertices, and on what these foretell."""


ENCODED = {
    FACTORS: "combinations in which neighbours are alike, all of one weight (`encoder` factors)",
    MIXED: "combinations in which neighbours are alike, beside those of most variance (`encoder` "
    "mixed)",
}
"""Lines on what was made of the features."""


def notes_on_method(graph: Graph, config: ClusterConfig) -> tuple[str, ...]:
    """Note what a method leaves unused."""
    method = METHODS[config.method]
    if graph.x is not None and not method.features:
        return (f"{method.title} looks at edges only: the input's features are not used",)
    return ()


def notes_on_kernels(config: ClusterConfig, device: torch.device) -> tuple[str, ...]:
    """The cost of plain torch where compiled kernels could serve, and the way to get them; that of
    a forked process.
    """
    reason = absence() if device.type == "cpu" and METHODS[config.method].has_network else ""
    if not reason:
        return notes_on_threads()
    slower = f"no compiled kernels, an epoch takes up to {SLOWER} times as long: {reason}"
    return (slower, *notes_on_threads())


def collapse(scores: Mapping[str, Any], config: ClusterConfig, told: str = "") -> str:
    """Say that clusters are empty, and what may help."""
    trained = METHODS[config.method].is_trained
    remedy = (
        "a lower `num_clusters`, a higher `balance_coeff` or more `restarts`"
        if trained
        else "a lower `num_clusters`"
    )
    used = f"{clusters_used(scores)} of {config.num_clusters}"
    return f"only {used} clusters are in use{told}; try {remedy}"


def warnings(
    graph: Graph, scores: Mapping[str, Any], config: ClusterConfig, of_model: int | None = None
) -> tuple[str, ...]:
    """Say what labels were used for, and warn of collapse; of a saved model, where some of its
    clusters, so many, have no vertex.
    """
    notes = []
    if graph.y is not None:
        unknown = int((graph.y < 0).sum())
        left_out = (
            f"; {unknown:,} vertices of unknown class are left out of them" if unknown else ""
        )
        notes.append(f"{graph.num_classes} true classes, used for NMI, ACC and ARI only{left_out}")
    if of_model is not None:
        if clusters_used(scores) < of_model:
            notes.append(
                f"warning: only {clusters_used(scores)} of the model's {of_model} clusters are used"
            )
    elif is_collapsed(scores, config):
        notes.append(f"warning: {collapse(scores, config)}")
    return tuple(notes)
