"""A run's account of itself, as metrics: its input, its settings, its losses, its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.config.making import make_config
from tvgnn_cli.config.setting import as_arguments, differing
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.machine.versions import versions
from tvgnn_cli.prepare.prepared import Prepared
from tvgnn_cli.run.settling import with_propagation
from tvgnn_cli.train import Fitted


def about(graph: Graph, config: ClusterConfig) -> dict[str, Any]:
    """Input, settings and versions, as metrics."""
    return {
        "input": graph.name,
        "num_vertices": graph.num_vertices,
        "num_edges": graph.num_edges,
        "num_features": graph.num_features,
        "method": config.method,
        "preset": config.preset,
        "seed": config.seed,
        **_options(graph, config),
        **versions(),
        "input_fingerprint": graph.fingerprint(),
        "config_fingerprint": config.fingerprint(),
    }


def _options(graph: Graph, config: ClusterConfig) -> dict[str, str]:
    """Report options of reading and settings that nobody gets without asking, as a metric."""
    start = make_config({"preset": config.preset, "method": config.method})
    same = with_propagation(graph, replace(start, num_clusters=config.num_clusters))
    asked = dict(graph.read_with) | differing(config, replace(same, seed=config.seed))
    return {"options": as_arguments(asked)} if asked else {}


def losses(fitted: Fitted, config: ClusterConfig) -> dict[str, Any]:
    """Report the losses at the end of training and their weights, as metrics."""

    def counts(name: str) -> bool:
        return name in ("totvar", "balance") or f"{name}_loss" in fitted.run.terms

    return {
        "loss": fitted.run.loss,
        **fitted.run.terms,
        **{f"{name}_coeff": weight for name, weight in fitted.run.weights.items() if counts(name)},
        "epochs": fitted.run.epochs,
        **({} if fitted.start_reached is None else {"start_reached": fitted.start_reached}),
        "restarts": config.restarts,
        "restarts_failed": fitted.failed,
    }


def batches_made(prepared: Prepared) -> dict[str, Any]:
    """Report the batches of a graph that is trained by them, as metrics."""
    if prepared.part_bounds is None:
        return {}
    return {"batches": prepared.num_batches, "parts": len(prepared.part_bounds) - 1}


def evidence_found(
    prepared: Prepared, fitted: Fitted, shaped: np.ndarray | None = None
) -> dict[str, Any]:
    """Report the evidence for clusters as metrics, where it is measured.

    Args:
        prepared: the graph.
        fitted: what training came to.
        shaped: clusters that are written in its place, `[n]`, from 0; None for the same ones.
    """
    evidence = prepared.evidence
    if evidence is None:
        return {}
    found = evidence.of_view
    features = {} if found.features is None else {"evidence_features": found.features.share}
    return {
        "view": evidence.view,
        "evidence_edges": found.edges.share,
        **features,
        **({} if evidence.stability is None else {"stability": evidence.stability}),
        "evidence_sure": evidence.is_sure,
        **({} if prepared.encoding is None else {"encoder": prepared.encoding.encoder}),
        "kept": "start" if fitted.is_start else "training",
        **({} if fitted.support is None else {"support": fitted.support.share}),
        **({} if shaped is None else _support_of(prepared, shaped)),
        **_mean_confidence(fitted),
    }


def _support_of(prepared: Prepared, shaped: np.ndarray) -> dict[str, float]:
    if prepared.judge is None:
        return {}
    return {"support_shaped": prepared.support(shaped).share}


def _mean_confidence(fitted: Fitted) -> dict[str, float]:
    sure = fitted.confidence
    return {} if sure is None else {"mean_confidence": float(sure.mean(dtype="float64"))}


def agreement_found(fitted: Fitted) -> dict[str, Any]:
    """Report how far restarts agree as metrics, where clusters are what they agree on."""
    found = fitted.agreement
    if found is None:
        return {}
    mean = float(found.stability.mean(dtype="float64"))
    between = {} if found.between is None else {"agreement": found.between}
    return {**between, "stability_mean": mean}


def clusters_used(scores: Mapping[str, Any]) -> int:
    """Clusters with vertices, before these were shaped and vertices left out."""
    return int(scores.get("clusters_found", scores["clusters_used"]))


def is_collapsed(scores: Mapping[str, Any], config: ClusterConfig) -> bool:
    """Tell whether clusters that were asked for are empty."""
    return clusters_used(scores) < (config.num_clusters or 0)
