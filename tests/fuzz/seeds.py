"""Valid inputs of each kind, small ones, that mutators start from."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.feather as pf
import pyarrow.parquet as pq
import scipy.sparse as sp

EDGES = (("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "e"), ("e", "f"), ("f", "d"))
"""Two triangles and a bridge: what every vertex table below has a row of each vertex for."""

IDS = tuple("abcdef")
ENDS = np.array([[IDS.index(end) for end in edge] for edge in EDGES]).T
CLASSES = np.array([0, 0, 0, 1, 1, 1])
FEATURES = np.linspace(0, 1, 18, dtype=np.float32).reshape(6, 3) ** 2

EDGE_LIST = "".join(f"{tail},{head}\n" for tail, head in EDGES)
"""The graph that features, classes, models and states are for."""


def text_of(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def network() -> nx.Graph:
    """The graph with attributes of each type."""
    made = nx.Graph()
    for i, (name, y) in enumerate(zip(IDS, CLASSES, strict=True)):
        made.add_node(name, label=f"class {y}", size=float(i), count=i, old=bool(i % 2))
    for i, (tail, head) in enumerate(EDGES):
        made.add_edge(tail, head, weight=1.0 + i)
    return made


def written(write: Callable[[Path], Any]) -> bytes:
    """What a writer of files writes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        write(path)
        return path.read_bytes()


def edge_lists() -> list[bytes]:
    weighted = [f"{t} {h} {i + 0.5}" for i, (t, h) in enumerate(EDGES)]
    return [
        EDGE_LIST.encode(),
        text_of("source,target,weight", *(line.replace(" ", ",") for line in weighted)),
        text_of("# Nodes: 6 Edges: 7", *(f"{t}\t{h}" for t, h in ENDS.T)),
        text_of("% sym weighted", *weighted),
        text_of(*(f'"{t}";"{h}";{{"weight": 2}}' for t, h in EDGES)),
        text_of(*(f"{t} {h} {{'weight': {i}}}" for i, (t, h) in enumerate(EDGES))),
    ]


def feather() -> list[bytes]:
    """A table of edges in Arrow's file format, as it is and compressed."""
    tails, heads = zip(*EDGES, strict=True)
    table = pa.table({"source": tails, "target": heads, "weight": np.arange(1.0, 8.0)})
    found = []
    for compression in ("uncompressed", "zstd"):
        buffer = io.BytesIO()
        pf.write_feather(table, buffer, compression=compression)
        found.append(buffer.getvalue())
    return found


def json_graphs() -> list[bytes]:
    """What networkx and Cytoscape.js write, records, pairs, and neighbours by vertex."""
    links = [{"source": t, "target": h, "weight": 1.5} for t, h in EDGES]
    forms = (
        nx.node_link_data(network(), edges="links"), nx.cytoscape_data(network()),
        nx.adjacency_data(network()), links, [list(edge) for edge in EDGES],
        {"nodes": [{"name": each} for each in IDS], "links": ENDS.T.tolist()},
        {t: [h for other, h in EDGES if other == t] for t, _ in EDGES},
    )  # fmt: skip
    return [json.dumps(form, default=float).encode() for form in forms]


def other_texts() -> list[bytes]:
    """Matrix Market, Pajek, METIS, GML, adjacency lists, SIF, LGL."""
    gml = io.BytesIO()
    nx.write_gml(network(), gml)
    pajek = text_of("*Vertices 6", *(f'{i + 1} "{name}"' for i, name in enumerate(IDS)), "*Edges",
                    *(f"{t + 1} {h + 1} 1.5" for t, h in ENDS.T))  # fmt: skip
    market = text_of("%%MatrixMarket matrix coordinate real symmetric", "6 6 7",
                     *(f"{max(t, h) + 1} {min(t, h) + 1} 2.0" for t, h in ENDS.T))  # fmt: skip
    near = [
        [j + 1 for j in sorted({*ENDS[1][ENDS[0] == i], *ENDS[0][ENDS[1] == i]})] for i in range(6)
    ]
    metis = text_of("6 7", *(" ".join(map(str, each)) for each in near))
    lists = io.BytesIO()
    nx.write_adjlist(network(), lists)
    return [
        gml.getvalue(), pajek, market, metis, lists.getvalue(),
        text_of(*(f"{t} pp {h}" for t, h in EDGES)),
        text_of("# a", "b 1.0", "c 2.0", "# c", "d 0.5", "# d", "e 1", "f 2"),
    ]  # fmt: skip


def xml_texts() -> list[bytes]:
    """GraphML and GEXF."""
    made, texts = network(), []
    for write in (nx.write_graphml_xml, nx.write_gexf):
        out = io.BytesIO()
        write(made, out)
        texts.append(out.getvalue())
    return texts


def npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def npz(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def edge_arrays() -> list[bytes]:
    dense = np.zeros((6, 6))
    dense[ENDS[0], ENDS[1]] = 1
    return [
        npy(ENDS),
        npy(ENDS.T.astype(np.float64)),
        npy(np.vstack([ENDS, np.ones(7)]).T),
        npy(dense),
    ]


def archives() -> list[bytes]:
    matrix = sp.coo_array((np.arange(1.0, 8), (ENDS[0], ENDS[1])), shape=(6, 6))
    given = {"edge_index": ENDS, "x": FEATURES, "y": CLASSES, "num_nodes": np.array(6)}
    made = [npz(**given, edge_weight=np.ones(7)), npz(edge_index=ENDS, ids=np.array(IDS))]
    for form in ("csr", "csc", "coo", "bsr", "dia"):
        out = io.BytesIO()
        sp.save_npz(out, matrix.asformat(form))
        made.append(out.getvalue())
    csr, x = matrix.tocsr(), sp.csr_array(FEATURES)
    parts = {
        **{
            f"adj_{n}": v
            for n, v in (("data", csr.data), ("indices", csr.indices), ("indptr", csr.indptr))
        },
        **{
            f"attr_{n}": v
            for n, v in (("data", x.data), ("indices", x.indices), ("indptr", x.indptr))
        },
    }
    shapes = {"adj_shape": np.array([6, 6]), "attr_shape": np.array(x.shape), "labels": CLASSES}
    return [*made, npz(**parts, **shapes)]


def parquet(columns: dict[str, Any], index: bool = False) -> bytes:
    out = io.BytesIO()
    table = pa.table(columns)
    if index:
        table = pa.Table.from_pandas(table.to_pandas().set_index(next(iter(columns))))
    pq.write_table(table, out)
    return out.getvalue()


def edge_tables() -> list[bytes]:
    tail, head = zip(*EDGES, strict=True)
    return [
        parquet({"source": tail, "target": head, "weight": np.arange(1.0, 8)}),
        parquet({"u": ENDS[0], "v": ENDS[1]}, index=True),
        parquet({"u": pa.array(tail).dictionary_encode(), "v": pa.array(head).dictionary_encode()}),
    ]


def vertex_tables() -> list[bytes]:
    given = {
        "id": IDS,
        "label": [f"c{y}" for y in CLASSES],
        "f": FEATURES[:, 0],
        "g": FEATURES[:, 1],
    }
    return [parquet(given), parquet(given, index=True)]


def vertex_texts() -> list[bytes]:
    rows = [f"{name},c{y},{f}" for name, y, f in zip(IDS, CLASSES, FEATURES[:, 1], strict=True)]
    return [text_of("id,label,f", *rows), text_of(*(row.replace(",", "\t") for row in rows))]


def feature_arrays() -> list[bytes]:
    out = io.BytesIO()
    sp.save_npz(out, sp.csr_array(FEATURES))
    return [
        npy(FEATURES),
        npz(features=FEATURES),
        npz(x=FEATURES, ids=np.array(IDS)),
        out.getvalue(),
    ]


def label_arrays() -> list[bytes]:
    return [npy(CLASSES), npz(labels=CLASSES), npz(y=np.array([f"c{y}" for y in CLASSES]))]


def cluster_texts() -> list[bytes]:
    rows = [f"{name},{y},0.9" for name, y in zip(IDS, CLASSES, strict=True)]
    return [text_of("id,cluster,confidence", *rows)]


def cluster_tables() -> list[bytes]:
    return [parquet({"id": IDS, "cluster": CLASSES, "p_0": FEATURES[:, 0], "p_1": FEATURES[:, 2]})]


def anndata() -> list[bytes]:
    try:
        import anndata as ad
        import pandas as pd
    except ImportError:
        return []
    index = pd.Index(IDS, name="id")
    made = ad.AnnData(
        FEATURES, obs=pd.DataFrame({"label": [f"c{y}" for y in CLASSES]}, index=index)
    )
    dense = np.zeros((6, 6))
    dense[ENDS[0], ENDS[1]] = dense[ENDS[1], ENDS[0]] = 1
    made.obsp["connectivities"] = sp.csr_matrix(dense)
    return [written(made.write_h5ad)]


def observed_clusters() -> list[bytes]:
    try:
        import anndata as ad
        import pandas as pd
    except ImportError:
        return []
    from tvgnn_cli.io.anndata_clusters import put_clusters

    made = ad.AnnData(obs=pd.DataFrame(index=pd.Index(IDS)))
    labels = np.array([0, 0, 0, 1, 1, 1])
    put_clusters(made, "tvgnn", labels, np.eye(2)[labels], {"k": 2}, {"seed": 0})
    return [written(made.write_h5ad)]


def compressed(texts: list[bytes]) -> list[bytes]:
    return [gzip.compress(text, mtime=0) for text in texts]


def settings() -> list[bytes]:
    from tvgnn_cli import ClusterConfig
    from tvgnn_cli.config import dump_config

    return [
        dump_config(ClusterConfig(num_clusters=2, epochs=1)).encode(),
        b"epochs = 3\nlr = 1e-3\n",
    ]


def manifests() -> list[bytes]:
    return [
        text_of("graph,k,seed,output", "g.csv,2,0,one.csv", "g.csv,3,1,two.csv"),
        text_of("graph,num-clusters,degree-weighted", "g.csv,2,true", "karate,3,"),
    ]


def graph_sets() -> list[bytes]:
    """Rows of JSON, a graph each."""
    ring = [[0, 1, 2, 3], [1, 2, 3, 0]]
    rows = [{"edge_index": ring, "num_nodes": 4, "y": i % 2, "x": [[1.0, i]] * 4} for i in range(3)]
    return [b"".join(json.dumps(row).encode() + b"\n" for row in rows)]


def graph_set_tables() -> list[bytes]:
    ring = [[0, 1, 2, 3], [1, 2, 3, 0]]
    return [parquet({"edge_index": [ring] * 3, "num_nodes": [4] * 3, "y": [0, 1, 0]})]


def graph_set_archives() -> list[bytes]:
    apart = ENDS[:, CLASSES[ENDS[0]] == CLASSES[ENDS[1]]]
    given = {"edge_index": apart, "graph_id": CLASSES, "x": FEATURES, "y": np.array([0, 1])}
    return [npz(**given)]


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory()


SMALL = {"epochs": 3, "hidden": 4, "mlp_hidden": 4, "components": 2}
"""Settings of what is trained for its files."""


def graph_file() -> Path:
    """The graph as an edge list, for models and states."""
    path = Path(_folder().name) / "g.csv"
    path.write_text(EDGE_LIST)
    return path


@cache
def models() -> list[bytes]:
    from tvgnn_cli import cluster

    made = cluster(graph_file(), 2, **SMALL)
    wide = cluster(graph_file(), 2, structural="degree", **{**SMALL, "components": 0})
    return [written(each.save) for each in (made, wide)]


@cache
def few_graphs() -> Any:
    """Graphs that classifiers are for."""
    from tvgnn_cli import read_graph_set

    return read_graph_set([nx.cycle_graph(4 + i % 3) for i in range(12)], labels=None)


@cache
def classifiers() -> list[bytes]:
    from tvgnn_cli import classify

    made = classify("shapes", epochs=1, hidden=4, mlp_hidden=4, pool_sizes="4,2")
    return [written(made.save)]


@cache
def shards() -> list[bytes]:
    from tvgnn_cli import Shard, cluster, write_shard

    made = cluster(graph_file(), 2, restarts=2, only=range(1), **SMALL)
    path = write_shard(made, Shard.parse("1/2"), Path(_folder().name) / "shards")
    return [path.read_bytes()]


@cache
def states() -> list[bytes]:
    """States of a run that was ended at several of its steps, and of one that is done."""
    from tvgnn_cli import Checkpointing, Interruption, Observer, cluster
    from tvgnn_cli.errors import InterruptionError

    class Impatient(Observer):
        def __init__(self, interruption: Interruption, after: int) -> None:
            super().__init__()
            self.left, self.interruption = after, interruption

        def epoch(self, report: Any) -> None:
            self.left -= 1
            if self.left < 0:
                self.interruption.request(f"epoch {report.epoch}")

    found = []
    for after in (0, 2, 10**6):
        folder, asked = Path(_folder().name) / f"states-{after}", Interruption()
        given = {"checkpointing": Checkpointing(folder), "interruption": asked}
        with suppress(InterruptionError):
            cluster(graph_file(), 2, observer=Impatient(asked, after), **given, **SMALL)
        found += [path.read_bytes() for path in folder.glob("restart-*.tvgnn")]
    return found
