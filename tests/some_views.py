"""Planted graphs, views of them, and a page around a panel, as strict as a report."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import networkx as nx
import numpy as np

from tests.conftest import make_graph
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.report.parts import Panel
from tvgnn_cli.report.view import view_of

HOSTILE = "</script><img src=x onerror=alert(1)>"


def blocks(sizes, inside=0.2, between=0.005, seed=0, **fields) -> tuple[Graph, np.ndarray]:
    """A planted graph and its blocks."""
    k = len(sizes)
    odds = np.full((k, k), between) + np.eye(k) * (inside - between)
    network = nx.stochastic_block_model(sizes, odds, seed=seed)
    return make_graph(network, **fields), np.repeat(np.arange(k), sizes)


def large(n: int, m: int, k: int, mixing: float = 0.1, **fields) -> tuple[Graph, np.ndarray]:
    """A planted graph of any size, blocks of like sizes."""
    random = np.random.default_rng(0)
    labels = np.sort(random.integers(0, k, n))
    first = np.searchsorted(labels, np.arange(k + 1))
    tail = random.integers(0, n, m)
    of = np.where(random.random(m) < mixing, random.integers(0, k, m), labels[tail])
    head = first[of] + (random.random(m) * (first[of + 1] - first[of])).astype(int)
    return Graph.from_edges(index_ids(n), tail, head, **fields), labels


def shown(graph, labels, **options):
    return view_of(graph, labels, [str(i) for i in range(labels.max() + 1)], **options)


def page_of(panel: Panel, scripts: bool = True) -> str:
    """The least page that shows a panel: nothing but its own scripts and styles may work in it."""

    def hashed(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    allowed = " ".join(map(hashed, panel.scripts)) if scripts else "'none'"
    policy = (
        f"default-src 'none'; script-src {allowed}; style-src {hashed(panel.style)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    code = "".join(f"<script>{text}</script>" for text in panel.scripts)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><title>panel</title>'
        f"<style>{panel.style}</style></head><body><p id='static'>The static part.</p>"
        f"{panel.markup}{code}</body></html>"
    )


def write_page(panel: Panel, path: Path, scripts: bool = True) -> Path:
    path.write_text(page_of(panel, scripts), encoding="utf-8")
    return path
