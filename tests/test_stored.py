"""Edges and features that are read from their files part by part."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tvgnn_cli import cluster
from tvgnn_cli.config import make_config
from tvgnn_cli.errors import InputError
from tvgnn_cli.graph import stored_features as stored
from tvgnn_cli.graph.stored_features import StoredFeatures
from tvgnn_cli.io.npy import NpyFile
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.source import Source
from tvgnn_cli.prepare.column_scaling import column_scaling, guess_scaling
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe, ScaledInFile, scaled
from tvgnn_cli.prepare.features import apply_recipe, learn_recipe
from tvgnn_cli.prepare.prepared import prepare

N = 300


@pytest.fixture
def small_blocks(monkeypatch):
    """Every file of features stays where it is, and is read a few rows at a time."""
    monkeypatch.setattr(stored, "STORED_BYTES", 0)
    monkeypatch.setattr(stored, "BLOCK_BYTES", 4 * 40 * 7)
    monkeypatch.setattr("tvgnn_cli.graph.edges.CHUNK", 11)
    monkeypatch.setattr("tvgnn_cli.io.npy.CHUNK", 11)
    monkeypatch.setattr("tvgnn_cli.io.parquet.EDGE_ROWS", 13)


@pytest.fixture(scope="module")
def planted() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Edges `[2, m]` with loops and repeats, features of three communities, and these."""
    random = np.random.default_rng(0)
    y = np.arange(N) % 3
    pairs = random.integers(0, N, (2, 8000))
    kept = (y[pairs[0]] == y[pairs[1]]) | (random.random(8000) < 0.1)
    edges = np.concatenate([pairs[:, kept][:, :1500], [[5, 5], [5, 7]], [[0], [N - 1]]], axis=1)
    x = random.standard_normal((N, 40)) + 2 * np.eye(3)[y] @ random.standard_normal((3, 40))
    return edges, x.astype(np.float32), y


def saved(path, array, **options) -> str:
    np.save(path, array, **options)
    return str(path)


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint16])
@pytest.mark.parametrize("layout", ["two rows", "two columns", "two rows by columns"])
def test_edges_in_an_npy_file(tmp_path, small_blocks, planted, dtype, layout):
    edges = planted[0].astype(dtype)
    arranged = {
        "two rows": edges,
        "two columns": np.ascontiguousarray(edges.T),
        "two rows by columns": np.asfortranarray(edges),
    }[layout]
    graph = read_graph(saved(tmp_path / "g.npy", arranged))
    np.savez(tmp_path / "g.npz", edge_index=edges)
    other = read_graph(str(tmp_path / "g.npz"))
    assert np.array_equal(graph.edge_index, other.edge_index)
    assert graph.counts == other.counts
    assert graph.counts.self_loops >= 1
    assert graph.counts.repeated + graph.counts.reversed > 0
    assert graph.fingerprint() == other.fingerprint()


@pytest.mark.parametrize("ids", ["numbers", "text", "dictionary", "large"])
@pytest.mark.parametrize("weighted", [False, True])
def test_edges_in_a_parquet_file(tmp_path, small_blocks, planted, ids, weighted):
    tail, head = planted[0]
    kinds = {
        "numbers": pa.int32(),
        "text": pa.string(),
        "dictionary": pa.dictionary(pa.int16(), pa.string()),
        "large": pa.large_string(),
    }
    texts = [pa.array(list(map(str, end.tolist()))) for end in (tail, head)]
    ends = [
        pa.array(end.tolist()) if ids == "numbers" else t
        for end, t in zip((tail, head), texts, strict=True)
    ]
    columns = [
        end.cast(kinds[ids]) if ids != "dictionary" else end.dictionary_encode() for end in ends
    ]
    weight = np.arange(len(tail)) / 7
    table = {"note": pa.array(["x"] * len(tail)), "target": columns[1], "source": columns[0]}
    if weighted:
        table["weight"] = pa.array(weight)
    pq.write_table(pa.table(table), tmp_path / "g.parquet", row_group_size=50)
    frame = pd.DataFrame(
        {"source": tail, "target": head, **({"weight": weight} if weighted else {})}
    )
    frame.to_csv(tmp_path / "g.csv", index=False)
    graph, other = (read_graph(str(tmp_path / name)) for name in ("g.parquet", "g.csv"))
    assert graph.ids.tolist() == other.ids.tolist()
    assert graph.fingerprint() == other.fingerprint()
    assert graph.counts == other.counts


def test_columns_of_a_parquet_file_without_names(tmp_path):
    pq.write_table(pa.table({"a": [1, 2], "b": [2, 3], "c": [0.5, 2]}), tmp_path / "g.parquet")
    graph = read_graph(str(tmp_path / "g.parquet"))
    assert graph.ids.tolist() == ["1", "2", "3"]
    assert graph.weights.tolist() == [0.5, 2]
    assert "weights: column 'c'" in graph.notes


def variants(x: np.ndarray) -> list[np.ndarray]:
    """Features that each scaling is guessed for, some with rows and columns of zeros."""
    counts = np.random.default_rng(1).poisson(0.3, x.shape)
    counts[3], counts[:, 5] = 0, 0
    return [x, counts.astype(np.int16), (counts * 0.37).astype(np.float64)]


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("components", [0, 8, 64])
@pytest.mark.parametrize("form", ["npy", "parquet"])
def test_features_in_a_file_become_those_in_memory(
    tmp_path, monkeypatch, planted, which, components, form
):
    edges, x, _ = planted
    x = variants(x)[which]
    path = saved(tmp_path / "g.npy", edges)
    if form == "npy":
        features = saved(tmp_path / "x.npy", x)
    else:
        features = str(tmp_path / "x.parquet")
        order = np.random.default_rng(2).permutation(N)  # ids in any order
        frame = pd.DataFrame(x[order], columns=[f"f{i}" for i in range(x.shape[1])])
        frame.insert(4, "Vertex", order)
        frame.to_parquet(features, row_group_size=17)
        x = x[:, np.ptp(x, axis=0) > 0]  # a column without differences is none
    inside = read_graph(path, features=features)
    monkeypatch.setattr(stored, "STORED_BYTES", 0)
    monkeypatch.setattr(stored, "BLOCK_BYTES", 4 * 40 * 7)
    outside = read_graph(path, features=features)
    assert isinstance(inside.x, np.ndarray)
    assert isinstance(outside.x, StoredFeatures)
    assert outside.num_features == x.shape[1]
    if form == "npy":
        assert outside.fingerprint() == inside.fingerprint()
    assert guess_scaling(outside.x) == guess_scaling(inside.x) == ["robust", "tfidf", "unit"][which]
    config = make_config({"components": components, "num_clusters": 3})
    shuffled = np.random.default_rng(3).permutation(N)
    results = []
    for graph in (inside, outside):
        recipe = learn_recipe(graph, config)
        made = apply_recipe(graph, recipe, config)
        assert made.dtype == np.float32
        results.append(made)
        again = graph.x[shuffled]
        if isinstance(again, StoredFeatures):
            whole = np.empty((N, x.shape[1]), dtype=np.float32)
            for vertices, values in again.blocks():
                whole[vertices] = values
            again = whole
        assert np.array_equal(again, x[shuffled].astype(np.float32))
    # Directions are found in other ways: what they span is the same, and so are all distances.
    products = [made @ made.T for made in results]
    tolerance = 0.02 if components == 8 else 1e-3
    assert np.abs(products[0] - products[1]).max() < tolerance * np.abs(products[0]).max()


@pytest.mark.parametrize("scaling", ["none", "standard", "robust", "tfidf", "unit", "sum"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products_with_scaled_features_in_a_file(tmp_path, small_blocks, scaling, dtype):
    random = np.random.default_rng(4)
    x = random.poisson(1.0, (N, 40)).astype(dtype) + random.random(40).astype(dtype)
    x[7], x[:, 3], x[5, 4] = 0, 0, 1e5
    edges = saved(tmp_path / "g.npy", np.array([[0], [N - 1]]))
    graph = read_graph(edges, features=saved(tmp_path / "x.npy", x))
    recipe = FeatureRecipe("given", 40, scaling, **vars(column_scaling(graph.x, scaling)))
    assert (recipe.bounds.size > 0) == (scaling == "robust")
    whole = scaled(x.astype(np.float64), recipe)
    product = ScaledInFile(graph.x, recipe)
    left, right = random.random((40, 3)), random.random((N, 2))
    assert product.times(left) == pytest.approx(whole @ left, rel=1e-4, abs=1e-4)
    assert product.transposed_times(right) == pytest.approx(whole.T @ right, rel=1e-4, abs=1e-3)


def test_the_fingerprint_tells_whose_row_is_whose(tmp_path, small_blocks):
    edges = saved(tmp_path / "g.npy", np.array([[0, 1], [1, 2]]))
    seen = set()
    for ids in ([0, 1, 2], [1, 0, 2], [2, 0, 1]):
        pd.DataFrame({"id": ids, "a": [1.5, 2, 3], "b": [0, 1, 0]}).to_parquet(
            tmp_path / "x.parquet"
        )
        seen.add(read_graph(edges, features=str(tmp_path / "x.parquet")).fingerprint())
    assert len(seen) == 3


def test_a_row_far_down_a_parquet_file_is_named_by_its_number(tmp_path, small_blocks):
    ends = {"source": list(range(20)), "target": [*range(1, 18), None, 19, 20]}
    pq.write_table(pa.table(ends), tmp_path / "g.parquet")
    graph = read_graph(str(tmp_path / "g.parquet"))
    assert (graph.num_vertices, graph.num_edges) == (21, 19)
    assert "lack an end, left out: 1 (the first is row 18: empty)" in " ".join(graph.notes)
    weighted = {"a": list(range(20)), "b": list(range(1, 21)), "c": [1.0] * 16 + [-2.0] + [1.0] * 3}
    pq.write_table(pa.table(weighted), tmp_path / "g.parquet")
    with pytest.raises(InputError, match=r"row 17: weight -2\.0"):
        read_graph(str(tmp_path / "g.parquet"))


@pytest.mark.parametrize("kind", ["float64", "int32", "float32"])
def test_columns_of_a_parquet_file_are_read_as_finely_as_they_are(tmp_path, small_blocks, kind):
    values = (np.array([1e9, 1e9 + 1, 1e9 + 2])).astype(kind)
    pd.DataFrame({"id": [0, 1, 2], "a": values}).to_parquet(tmp_path / "x.parquet")
    edges = saved(tmp_path / "g.npy", np.array([[0, 1], [1, 2]]))
    graph = read_graph(edges, features=str(tmp_path / "x.parquet"), feature_attrs="a")
    assert graph.x.dtype == (np.float32 if kind == "float32" else np.float64)
    assert graph.x.columns.spread == pytest.approx(values.astype(float).std())


def test_clusters_of_features_in_a_file(tmp_path, small_blocks, planted):
    edges, x, y = planted
    path, labels = saved(tmp_path / "g.npy", edges), saved(tmp_path / "y.npy", y)
    result = cluster(
        path, features=saved(tmp_path / "x.npy", x), labels=labels, batch="parts", batch_size=100
    )
    assert result.metrics["nmi"] > 0.9
    assert any("read block by block" in note for note in result.notes)


def test_a_number_of_clusters_is_chosen_with_features_in_a_file(tmp_path, small_blocks, planted):
    edges, x, _ = planted
    names = saved(tmp_path / "e.npy", edges), saved(tmp_path / "x.npy", x)
    found = cluster(names[0], "2..5", features=names[1], epochs=2, hidden=8, mlp_hidden=8)
    assert found.metrics["num_clusters"] in range(2, 6)
    assert all("support" not in row for row in found.tried), "what is in a file is not judged"


def test_vertices_after_the_last_edge_come_with_features_or_labels(tmp_path, small_blocks):
    path = saved(tmp_path / "g.npy", np.array([[0, 1], [1, 2]]))
    assert read_graph(path).num_vertices == 3
    features = saved(tmp_path / "x.npy", np.eye(5))
    graph = read_graph(path, features=features)
    assert graph.ids.tolist() == ["0", "1", "2", "3", "4"]
    assert "2 vertices without edges added" in " ".join(graph.notes)
    graph = read_graph(path, labels=saved(tmp_path / "y.npy", np.array([0, 1, 1, 0])))
    assert (graph.num_vertices, graph.y.tolist()) == (3, [0, 1, 1])
    assert any("the graph lacks, left out: 1" in note for note in graph.notes)
    with pytest.raises(InputError, match=r"labels have .* need .* shape \(5,\)"):
        read_graph(path, labels=str(tmp_path / "y.npy"), features=features)
    np.savez(tmp_path / "g.npz", edge_index=[[0, 1], [1, 2]], num_nodes=3)
    with pytest.raises(InputError, match=r"shape \(5, 5\), not \(3, f\)"):
        read_graph(str(tmp_path / "g.npz"), features=features)


def test_labels_of_another_shape_do_not_add_vertices(tmp_path):
    path = saved(tmp_path / "g.npy", np.array([[0, 1], [1, 2]]))
    with pytest.raises(InputError, match=r"\(5, 2\); need integers or strings of shape \(3,\)"):
        read_graph(path, labels=saved(tmp_path / "y.npy", np.zeros((5, 2), dtype=int)))


def test_whole_numbers_beyond_the_digits_of_a_float(tmp_path, small_blocks):
    edges = {"source": [1, 2], "target": [2, 3], "weight": [2**60 + 1, 3]}
    pq.write_table(pa.table(edges), tmp_path / "g.parquet")
    pq.write_table(pa.table({"id": [1, 2, 3], "a": [2**60 + 1, 1, 2]}), tmp_path / "x.parquet")
    graph = read_graph(str(tmp_path / "g.parquet"), features=str(tmp_path / "x.parquet"))
    assert graph.weights.tolist() == [2.0**60, 3]
    assert graph.x.columns.high.tolist() == [2.0**60]


def test_an_edge_file_that_becomes_shorter(tmp_path, small_blocks, monkeypatch):
    path = tmp_path / "g.npy"
    saved(path, np.zeros((2, 100), dtype=np.int64))
    file = NpyFile.look(Source(str(path)))
    path.write_bytes(path.read_bytes()[:-8])
    monkeypatch.setattr(NpyFile, "look", lambda _: file)
    with pytest.raises(InputError, match="it has changed meanwhile"):
        read_graph(str(path))


def test_a_blurred_column_is_read_as_float64(tmp_path, small_blocks):
    x = np.random.default_rng(0).random((N, 9)) + np.array([1e9] + [0] * 8)
    edges = saved(tmp_path / "g.npy", np.array([[0, N - 1]]).T)
    graph = read_graph(edges, features=saved(tmp_path / "x.npy", x))
    assert graph.x.dtype == np.float64
    assert graph.x.columns.spread == pytest.approx(x.std(axis=0), rel=1e-6)
    assert graph.x.columns.mean == pytest.approx(x.mean(axis=0))


def parquet_bytes(**columns) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def twice_named() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table([[1], [2], [3]], names=["a", "b", "b"]), buffer)
    return buffer.getvalue()


def npy_bytes(array, cut: int = 0) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()[: -cut or None]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("g.npy", npy_bytes(np.full((2, 5), 0.5)), "an end 0.5 .*whole numbers"),
        ("g.npy", npy_bytes(np.zeros((4, 5), dtype=int)), r"shape \(4, 5\)"),
        ("g.npy", npy_bytes(np.zeros(5, dtype=int)), r"shape \(5,\)"),
        ("g.npy", npy_bytes(np.array([[0, 1], [1, -3]])), "vertex -3; number vertices from 0"),
        ("g.npy", npy_bytes(np.array([[0, 1], [1, 10**9]])), "vertex 1000000000, of 2 edges"),
        ("g.npy", npy_bytes(np.zeros((2, 50), dtype=int), cut=8), "ends after 792 bytes"),
        ("g.npy", npy_bytes(np.array([["a", "b"]] * 2)), "not integers"),
        (
            "g.npy",
            npy_bytes(np.array([[0, None]] * 2, dtype=object)),
            "pickled objects, which are refused",
        ),
        ("g.npy", b"0 1\n1 2\n", "not a plain .npy array"),
        ("g.npy", b"", "empty"),
        ("g.npy", npy_bytes(np.zeros((2, 0), dtype=int)), "no edges"),
        ("g.parquet", b"0 1\n1 2\n", "not a Parquet file"),
        ("g.parquet", b"", "empty"),
        ("g.parquet", parquet_bytes(a=[1]), "columns a; an edge list has two"),
        ("g.parquet", parquet_bytes(source=[1, 2], target=[2, None]), "row 2: an empty vertex id"),
        ("g.parquet", parquet_bytes(source=[1.5], target=[2.0]), "'source' has type double"),
        ("g.parquet", parquet_bytes(a=[1], b=[2], c=[-1.0]), "row 1: weight -1.0 is not allowed"),
        ("g.parquet", parquet_bytes(a=[1], b=[2], weight=["x"]), "weights are numbers"),
        ("g.parquet", twice_named(), "more than one column is named 'b'"),
        ("g.parquet.gz", b"", "decompress it first"),
        ("g.npy.gz", b"", "decompress it first"),
        ("g.parquet", parquet_bytes(a=[1, 2], b=[2, 3], c=[1.0, None]), "row 2: weight nan"),
        (
            "g.parquet",
            parquet_bytes(a=pa.array([], pa.int64()), b=pa.array([], pa.int64())),
            "no edges",
        ),
        ("g.parquet", parquet_bytes(source=[1, 2], target=[2, 3])[:-30] + b"PAR1", "Parquet"),
    ],
)
def test_edges_that_cannot_be_used(tmp_path, small_blocks, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        cluster(str(tmp_path / name), 2)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        (
            "x.npy",
            npy_bytes(np.array([[0, 1.0], [2, np.nan], [np.inf, 1]])),
            "'1' .and 1 more. are not",
        ),
        ("x.npy", npy_bytes(np.zeros((2, 4))), r"shape \(2, 4\), not \(3, f\)"),
        ("x.npy", npy_bytes(np.zeros((3, 0))), r"shape \(3, 0\)"),
        ("x.npy", npy_bytes(np.zeros((3, 4)), cut=9), "ends after 87 bytes"),
        ("x.npy", npy_bytes(np.array([["a"]] * 3)), "not numbers"),
        (
            "x.parquet",
            parquet_bytes(id=["0", "1", "2"], a=["x", "y", "z"]),
            "left, of a .not numbers",
        ),
        (
            "x.parquet",
            parquet_bytes(id=["0", "1", "1"], a=[1, 2, 3]),
            "more than one row for vertex '1'",
        ),
        ("x.parquet", parquet_bytes(id=["0", "1"], a=[1, 2]), "no row for vertex '2'"),
        ("x.parquet", parquet_bytes(id=["0", "1", "2"], a=[1, None, 3]), "vertex '1' are not"),
    ],
)
def test_features_that_cannot_be_used(tmp_path, small_blocks, name, data, message):
    path = saved(tmp_path / "g.npy", np.array([[0, 1], [1, 2]]))
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_graph(path, features=str(tmp_path / name))


@pytest.mark.parametrize("change", ["shorter", "gone", "fewer rows"])
def test_a_file_that_changes_under_the_run(tmp_path, small_blocks, planted, change):
    edges, x, _ = planted
    path = tmp_path / ("x.parquet" if change == "fewer rows" else "x.npy")
    frame = pd.DataFrame(x, columns=list(map(str, range(40)))).reset_index(names="id")
    frame.to_parquet(path) if path.suffix == ".parquet" else np.save(path, x)
    graph = read_graph(saved(tmp_path / "g.npy", edges), features=str(path))
    if change == "gone":
        path.unlink()
    elif change == "fewer rows":
        frame[:-1].to_parquet(path)
    else:
        path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(InputError, match=r"no such file|it has changed"):
        prepare(graph, make_config({"num_clusters": 3}))
