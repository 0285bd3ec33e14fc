"""AnnData files as graphs."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tests.test_readers import edges_of
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.graph.property_graph import column_of
from tvgnn_cli.io.h5ad import ObsColumns
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.wanted import KnownColumns

CELLS = ["c1", "c2", "c3", "c4", "c5", "c6"]
PAIRS = {frozenset(p) for p in (("c1", "c2"), ("c2", "c3"), ("c4", "c5"), ("c5", "c6"))}


@pytest.fixture
def annotated(tmp_path):
    """Write an AnnData of six cells with adjacencies of these names; give its path."""
    anndata = pytest.importorskip("anndata")

    def make(*obsp: str, obsm: tuple[str, ...] = ("X_pca", "X_umap"), x: bool = True) -> str:
        half = sp.csr_matrix((np.full(4, 0.5), ([0, 1, 3, 4], [1, 2, 4, 5])), (6, 6))
        obs = pd.DataFrame({"kind": pd.Categorical([*"aabb", None, "a"]), "n": range(6)})
        made = anndata.AnnData(
            sp.csr_matrix(np.arange(12, dtype="f4").reshape(6, 2)) if x else None,
            obs=obs.set_index(pd.Index(CELLS)),
        )
        for key in obsp:
            made.obsp[key] = half + half.T
        for i, key in enumerate(obsm):
            made.obsm[key] = np.full((6, 2), i) + np.arange(6)[:, None]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made.write_h5ad(tmp_path / "cells.h5ad")
        return str(tmp_path / "cells.h5ad")

    return make


def test_a_pipe_cannot_be_read_part_by_part(annotated, tmp_path):
    path, pipe = Path(annotated("connectivities")), tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(path.read_bytes(),))
    writer.start()
    with pytest.raises(InputError, match=r"pipe: \.h5ad files are read part by part"):
        read_graph(str(pipe))
    writer.join()


def test_anndata(annotated, tmp_path):
    path = annotated("distances", "connectivities")
    graph = read_graph(path)
    assert graph.ids.tolist() == CELLS
    assert edges_of(graph) == dict.fromkeys(PAIRS, 0.5)
    assert graph.x[:, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert (graph.y, graph.name) == (None, "cells")
    assert read_graph(path, feature_attrs="X").x.toarray()[2].tolist() == [4, 5]
    assert read_graph(path, feature_attrs="X_umap").x[0].tolist() == [1, 1]
    assert read_graph(path, feature_attrs="none").x is None
    assert read_graph(path, feature_attrs=KnownColumns(["1", "7"])).feature_names == ("0", "1"), (
        "of a model"
    )
    assert read_graph(path, label_attr="kind").y.tolist() == [0, 0, 1, 1, -1, 0]
    assert read_graph(path, weight="none").edge_weight is None
    (tmp_path / "cells.bin").write_bytes((tmp_path / "cells.h5ad").read_bytes())
    assert read_graph(str(tmp_path / "cells.bin")).num_edges == 4


def test_anndata_of_one_adjacency_of_another_name(annotated):
    path = annotated("snn", "distances", obsm=())
    assert "graph: obsp['snn']" in read_graph(path).notes
    assert read_graph(path).x.toarray()[1].tolist() == [2, 3]
    path = annotated("snn", "knn", obsm=(), x=False)
    assert "graph: obsp['knn']" in read_graph(path, weight="knn").notes
    assert read_graph(path, weight="knn").x is None


@pytest.mark.parametrize(
    ("obsp", "options", "words"),
    [
        (("snn", "knn"), {}, "`weight` NAME"),
        (("distances",), {}, "there is only distances, and weights are similarities, or make one"),
        ((), {}, "scanpy.pp.neighbors"),
        (("connectivities",), {"weight": "connectivity"}, "Did you mean 'connectivities'"),
        (("connectivities", "distances"), {"weight": "distances"}, "similarities"),
        (("connectivities",), {"feature_attrs": "X_pc"}, "Did you mean 'X_pca'"),
        (("connectivities",), {"feature_attrs": "X_pca,X"}, "takes one of"),
        (("connectivities",), {"label_attr": "kid"}, "Did you mean 'kind'"),
        (("connectivities",), {"id_attr": "n"}, "`id_attr`"),
    ],
)
def test_anndata_without_what_is_asked_for(annotated, obsp, options, words):
    with pytest.raises((InputError, UsageError)) as told:
        read_graph(annotated(*obsp), **options)
    assert words in str(told.value)


def test_anndata_without_x_has_no_features(annotated):
    anndata = pytest.importorskip("anndata")
    path = annotated("connectivities", obsm=())
    adata = anndata.read_h5ad(path)
    adata.X = None  # its variables stay
    adata.write_h5ad(path)
    assert read_graph(path).x is None


def test_anndata_that_is_damaged_or_none(annotated, tmp_path):
    path = annotated("connectivities")
    (tmp_path / "short.h5ad").write_bytes((tmp_path / "cells.h5ad").read_bytes()[:3000])
    for name, contents in (("short.h5ad", None), ("text.h5ad", "hello\n")):
        if contents:
            (tmp_path / name).write_text(contents)
        with pytest.raises(InputError, match="no AnnData file, or is damaged"):
            read_graph(str(tmp_path / name))
    assert read_graph(path).num_edges == 4


def test_anndata_without_its_library_names_what_installs_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "anndata", None)
    (tmp_path / "g.h5ad").write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(UsageError, match=r"pip install 'tvgnn\[anndata\]'"):
        read_graph(str(tmp_path / "g.h5ad"))


def _link_elsewhere(file, folder):
    import h5py

    h5py.File(folder / "other.h5", "w").close()
    file["uns/other"] = h5py.ExternalLink("other.h5", "/")


def _values_elsewhere(file, folder):
    (folder / "raw.bin").write_bytes(bytes(48))
    external = [(str(folder / "raw.bin"), 0, 48)]
    file["obsm"].create_dataset("Z", (6, 1), "f8", external=external)


def _lists(file, _):
    import h5py

    file["uns"].create_dataset("lists", (1,), h5py.vlen_dtype(np.int64))


def _many_rows(file, _):
    file["obsp/connectivities"].attrs["shape"] = [2**47, 6]


def _many_values(file, _):
    file["obsm"].create_dataset("Z", (6, 2**40), "f8", chunks=(6, 2))


def _much_in_x(file, _):
    del file["X"]
    file.create_dataset("X", (6, 2**40), "f8", chunks=(6, 2))


DAMAGED = {
    "a link to another file": (_link_elsewhere, "'/uns/other' is a link to another file"),
    "values in another file": (_values_elsewhere, "'/obsm/Z' is in another file; copy it"),
    "lists as values": (_lists, "'/uns/lists' holds lists"),
    "more rows than values": (_many_rows, "what it holds would take over"),
    "values that are not there": (_many_values, "what it holds would take over"),
    "values of X that are not there": (_much_in_x, "what it holds would take over"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_would_be_believed_is_refused(annotated, tmp_path, case):
    change, words = DAMAGED[case]
    path = annotated("connectivities")
    with pytest.importorskip("h5py").File(path, "r+") as file:
        change(file, tmp_path)
    with pytest.raises(InputError, match=words):
        read_graph(path)


@pytest.mark.parametrize("size", [0, 8, 2**20, 2**64 - 8], ids=str)
def test_heaps_whose_objects_have_impossible_sizes(annotated, size):
    path = Path(annotated("connectivities"))
    data = bytearray(path.read_bytes())
    heap = data.find(b"GCOL")
    free = heap + 16
    while int.from_bytes(data[free : free + 2], "little"):
        taken = int.from_bytes(data[free + 8 : free + 16], "little")
        free += 16 + taken + -taken % 8
    data[free + 8 : free + 16] = size.to_bytes(8, "little")
    path.write_bytes(data)
    with pytest.raises(InputError, match=f"the heap at byte {heap:,} has an object of"):
        read_graph(path)


VALUES = [
    [1, 2, 1], [1.5, None, 2.0], [1.0, None, 2.0], [None, None], [True, False], [*"abca"],
    ["a", None, "b"], ["1", "01", "1.0"], [" a", "a"], [2**63 + 1, 5], [float("inf"), 1.0],
    [True, 2], ["x", 3], np.array([0.1, 0.2], "f4"), np.array([1, 2], "u1"),
    np.array([2**64 - 1, 1], "u8"),
    pd.array([1, None], "Int64"), pd.array([True, None], "boolean"),
    pd.array(["a", None], "string"),
]  # fmt: skip


@pytest.mark.parametrize("values", VALUES, ids=str)
@pytest.mark.parametrize("is_category", [False, True])
def test_columns_of_obs_are_what_their_values_are_one_by_one(values, is_category):
    column = pd.Series(pd.Categorical(values) if is_category else values)
    plain = column_of([None if pd.isna(each) else each for each in column.astype(object).tolist()])
    found = ObsColumns(pd.DataFrame({"c": column}))["c"]
    assert found.texts() == plain.texts()
    assert (found.values.dtype, found.values.tolist()) == (
        plain.values.dtype,
        plain.values.tolist(),
    )
    assert (found.num_missing, found.is_number) == (plain.num_missing, plain.is_number)
