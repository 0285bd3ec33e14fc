"""Features that some vertices lack: left out or refused unless asked, and then imputed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.impute import SimpleImputer

import tvgnn_cli
from tests.conftest import make_graph
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.evaluation.metrics import normalized_mutual_information
from tvgnn_cli.graph.missing import placeholders, rows_of_zeros
from tvgnn_cli.models.model_file import save_model

PATH = "".join(f"v{i},v{i + 1}\n" for i in range(5))
TABLE = "id,age,height\nv0,1,2\nv1,,4\nv2,3,\nv3,10,7\nv4,,2\nv5,4,1\n"
EXPECTED = np.array([[1, 2], [np.nan, 4], [3, np.nan], [10, 7], [np.nan, 2], [4, 1]])


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "g.csv").write_text(PATH)
    (tmp_path / "x.csv").write_text(TABLE)


@pytest.mark.parametrize("way", ["median", "mean"])
@pytest.mark.parametrize("form", ["table", "array", "Parquet", "npy", "GraphML", "networkx", "CSR"])
@pytest.mark.usefixtures("files")
def test_the_middle_of_the_column_stands_where_nothing_is(way, form):
    options = {"impute": way}
    graph: object = "g.csv"
    frame = pd.read_csv("x.csv").set_index("id")
    network = nx.Graph([line.split(",") for line in PATH.split()])
    for vertex, row in frame.iterrows():
        network.nodes[vertex].update({n: float(v) for n, v in row.items() if v == v})
    if form == "table":
        options["features"] = "x.csv"
    elif form == "array":
        options["features"] = EXPECTED
    elif form == "Parquet":
        frame.reset_index().to_parquet("x.parquet")
        options["features"] = "x.parquet"
    elif form == "npy":
        np.save("x.npy", EXPECTED)
        options["features"] = "x.npy"
    elif form == "CSR":
        options["features"] = sp.csr_array(EXPECTED)
    elif form == "GraphML":
        options["feature_attrs"] = "age,height"
        nx.write_graphml(network, "g.graphml")
        graph = "g.graphml"
    else:
        graph, options["feature_attrs"] = network, "all"
    read = tvgnn_cli.read_graph(graph, **options)
    imputed = SimpleImputer(strategy=way).fit_transform(EXPECTED)
    assert read.ids.tolist() == [f"v{i}" for i in range(6)]
    assert np.allclose(read.x, imputed)
    said = (
        f"3 missing values of 3 vertices in 2 columns (25.0% of all) imputed by the column's {way}"
    )
    assert any(said in note for note in read.notes)


@pytest.mark.usefixtures("files")
def test_unasked_columns_with_gaps_are_left_out_and_the_option_is_named(tvgnn):
    Path("x.csv").write_text(TABLE.replace("age", "age,whole").replace("v0,1", "v0,1,5")
                             .replace("v1,", "v1,,6").replace("v2,3", "v2,3,5.5")
                             .replace("v3,10", "v3,10,1").replace("v4,", "v4,,2.5")
                             .replace("v5,4", "v5,4,7"))  # fmt: skip
    Path("g.csv").write_text(PATH)
    Path("y.csv").write_text(TABLE)
    Path("z.csv").write_text(TABLE.replace("v5,4,1\n", ""))
    np.save("x.npy", EXPECTED)
    graph = tvgnn_cli.read_graph("g.csv", features="x.csv")
    assert graph.feature_names == ("whole",)
    assert any("`impute` fills gaps" in note for note in graph.notes)
    for arguments, word in (
        (
            ["--features", "x.csv", "--feature-attrs", "age"],
            "has no value; leave it out, or --impu",
        ),
        (["--features", "y.csv"], "no feature columns are left"),
        (["--features", "y.csv"], "--impute fills gaps"),
        (
            ["--features", "z.csv"],
            "no row for vertex 'v5' (ids are taken from column 'id'); --impu",
        ),
        (["--features", "x.npy"], "are not finite numbers; --impute fills missing ones"),
        (["--features", "x.csv", "--impute", "mode"], "--impute is 'mode'; needs to be median or"),
    ):
        outcome = tvgnn("check", "g.csv", *arguments)
        assert outcome.code in (2, 3)
        assert outcome.err.count("\n") == 1
        assert word in outcome.err


@pytest.mark.usefixtures("files")
def test_vertices_without_a_row_lack_all_values(tmp_path):
    (tmp_path / "x.csv").write_text("id,age,city\nv0,1,Oslo\nv3,10,\nv2,4,Rome\nv5,3,Oslo\n")
    graph = tvgnn_cli.read_graph("g.csv", features="x.csv", feature_attrs="age,city", impute="mean")
    assert graph.feature_names == ("age", "city=Oslo", "city=Rome")
    two, one = 2 / 3, 1 / 3
    assert np.allclose(graph.x, [
        [1, 1, 0], [4.5, two, one], [4, 0, 1], [10, two, one], [4.5, two, one], [3, 1, 0]
    ])  # fmt: skip
    assert any("8 missing values of 3 vertices in 3 columns" in note for note in graph.notes)
    (tmp_path / "x.csv").write_text("id,age\na,1\nb,2\n")
    with pytest.raises(InputError, match="no id is in both"):
        tvgnn_cli.read_graph("g.csv", features="x.csv", impute="mean")


@pytest.mark.usefixtures("files")
def test_what_cannot_be_imputed_is_refused(tmp_path):
    (tmp_path / "x.csv").write_text("id,age,none\nv0,1,\nv1,2,\nv2,,\nv3,1,\nv4,2,\nv5,3,\n")
    graph = tvgnn_cli.read_graph("g.csv", features="x.csv", impute="median")
    assert graph.feature_names == ("age",)
    frame = pd.read_csv("x.csv").astype({"none": float})
    frame.to_parquet("x.parquet")
    for file, words in (("x.csv", "'none': 0 different"), ("x.parquet", "'none': no vertex has")):
        with pytest.raises(InputError, match=words):
            tvgnn_cli.read_graph("g.csv", features=file, feature_attrs="age,none", impute="mean")
    empty, infinite = EXPECTED.copy(), EXPECTED.copy()
    empty[:, 1], infinite[4, 1] = np.nan, np.inf
    with pytest.raises(InputError, match="no vertex has a value of column '2'"):
        tvgnn_cli.read_graph("g.csv", features=empty, impute="median")
    with pytest.raises(InputError, match="'v4' are not finite numbers"):
        tvgnn_cli.read_graph("g.csv", features=infinite, impute="median")
    with pytest.raises(UsageError, match="needs to be median or mean"):
        tvgnn_cli.read_graph("g.csv", features=EXPECTED, impute=0)


@pytest.mark.usefixtures("files")
def test_where_nothing_is_missing_nothing_changes():
    full = np.nan_to_num(EXPECTED)
    plain = tvgnn_cli.read_graph("g.csv", features=full)
    asked = tvgnn_cli.read_graph("g.csv", features=full, impute="median")
    assert asked.fingerprint() == plain.fingerprint()
    assert [note for note in asked.notes if note not in plain.notes] == [
        "features: no value is missing, none is imputed"
    ]
    assert tvgnn_cli.read_graph("g.csv", impute="median").x is None


def test_values_close_together_stay_apart_beside_a_gap():
    network = nx.path_graph(4)
    seconds = np.array([[1.7e9], [np.nan], [1.7e9 + 1], [1.7e9 + 2]])
    graph = tvgnn_cli.read_graph(network, features=seconds, impute="median")
    assert graph.x.dtype == np.float64
    assert (graph.x[:, 0] - 1.7e9).tolist() == [0, 1, 1, 2]


def test_numbers_for_missing_values_are_found_beside_gaps():
    x = np.array([[-999.0], [np.nan], [1.0], [2.0], [-999.0]])
    assert placeholders(x) == [(0, -999.0, 2)]
    assert placeholders(x[2:4]) == []


def test_vertices_of_which_nothing_may_be_known_are_counted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(0).uniform(1, 2, (50, 3)).round(3)
    nx.write_edgelist(nx.cycle_graph(50), "g.csv", delimiter=",", data=False)
    for zeros, told in ((0, False), (1, False), (2, True), (49, True), (50, False)):
        x[:zeros] = 0
        pd.DataFrame(x).rename_axis("id").to_csv("x.csv")
        assert rows_of_zeros(x) == (zeros if told else 0)
        if zeros < 50:
            notes = tvgnn_cli.read_graph("g.csv", features="x.csv").notes
            assert any(f"{zeros} vertices have 0 in all columns" in n for n in notes) == told
    counts = np.random.default_rng(0).poisson(0.5, (50, 3))
    assert (counts == 0).all(axis=1).sum() > 1
    assert rows_of_zeros(counts) == rows_of_zeros(x[:, :1]) == 0


def test_vertices_that_lack_all_features_are_clustered_by_their_neighbours(tmp_path):
    random = np.random.default_rng(1)
    classes = np.repeat(range(5), 40)
    network = nx.planted_partition_graph(5, 40, 0.2, 0.03, seed=1)
    x = random.normal(50, 10, (5, 8))[classes] + random.normal(0, 8, (200, 8))
    x[random.random(200) < 0.3] = np.nan
    graph = make_graph(network)
    found = {}
    for name, options in {
        "imputed": {"features": x, "impute": "median"}, "0": {"features": np.nan_to_num(x)}
    }.items():  # fmt: skip
        result = tvgnn_cli.cluster(graph, 5, epochs=2, **options)
        found[name] = normalized_mutual_information(result.labels, classes)
    assert found["imputed"] > 0.85
    assert found["imputed"] > found["0"] + 0.1
    result.save(tmp_path / "m.tvgnn")
    again = tvgnn_cli.predict(tmp_path / "m.tvgnn", graph, features=x, impute="mean")
    assert len(again.labels) == 200
    with pytest.raises(InputError, match="`impute`"):
        tvgnn_cli.predict(tmp_path / "m.tvgnn", graph, features=x)


def test_the_order_of_rows_changes_nothing():
    graph = replace(make_graph(nx.path_graph(6)), x=None)
    order = np.random.default_rng(0).permutation(6)
    frame = pd.DataFrame(EXPECTED, columns=["a", "b"], index=[str(i) for i in range(6)])
    one = tvgnn_cli.read_graph(graph, features=frame, impute="median")
    other = tvgnn_cli.read_graph(graph, features=frame.iloc[order], impute="median")
    assert one.fingerprint() == other.fingerprint()


QUICK = {"hidden": 8, "mlp_hidden": 8, "epochs": 2, "view": "both", "threads": 1}


GAPPY = np.random.default_rng(0).normal(5, 2, (30, 3))
GAPPY[np.random.default_rng(1).random(GAPPY.shape) < 0.2] = np.nan
MIDDLE = np.nanmedian(GAPPY.astype("f4"), axis=0)


def given(values, form, order=(0, 1, 2)):
    """Features as an array, or as a table with columns in some order."""
    if form == "no names":
        return values
    index = [str(i) for i in range(len(values))]
    return pd.DataFrame(values, index, list("abc")).iloc[:, list(order)]


def regular():
    return replace(make_graph(nx.random_regular_graph(4, 30, seed=0)), x=None)


@pytest.fixture(scope="module", params=["names", "no names"])
def filled(request):
    """How features come, and a model of some with gaps."""
    features = given(GAPPY, request.param)
    found = tvgnn_cli.cluster(regular(), 2, features=features, impute="median", **QUICK)
    return request.param, found.model


def test_a_model_keeps_what_filled_the_gaps_of_its_graph(tmp_path, filled):
    _, model = filled
    save_model(model, tmp_path / "m.tvgnn")
    again = tvgnn_cli.load_model(tmp_path / "m.tvgnn")
    assert again.recipe.fills.tolist() == MIDDLE.tolist()
    assert again.fingerprint() == model.fingerprint()
    for fills in (np.ones(2, "f4"), np.full(3, np.nan, "f4")):
        bad = replace(model, recipe=replace(model.recipe, fills=fills))
        save_model(bad, tmp_path / "bad.tvgnn")
        with pytest.raises(InputError, match="fills"):
            tvgnn_cli.load_model(tmp_path / "bad.tvgnn")


def test_a_model_of_whole_features_fills_no_gaps():
    whole = tvgnn_cli.cluster(regular(), 2, features=np.nan_to_num(GAPPY), **QUICK).model
    assert not whole.recipe.fills.size
    with pytest.raises(InputError, match="impute"):
        tvgnn_cli.predict(whole, regular(), features=GAPPY)


def test_a_model_fills_gaps_as_they_were_filled_in_its_graph(filled):
    """Also where all values of a column are missing, or columns come in another order."""
    form, model = filled
    graph, other = regular(), np.random.default_rng(2).normal(50, 2, (30, 3))
    other[:10, 0] = other[3:9, 2] = other[:, 1] = np.nan
    whole = np.where(np.isnan(other), MIDDLE, other)
    expected = tvgnn_cli.predict(model, graph, features=given(whole, form))
    assert not any("imputed" in note for note in expected.notes)
    order = (2, 0, 1) if form == "names" else (0, 1, 2)
    told = tvgnn_cli.predict(model, graph, features=given(other, form, order))
    assert np.array_equal(told.assignment, expected.assignment)
    assert any("imputed by what the model's graph had" in note for note in told.notes)
    assert "impute" not in told.metrics.get("options", "")
    with pytest.raises(InputError, match="2 features per vertex, but the model was trained on 3"):
        tvgnn_cli.predict(model, graph, features=other[:, :2])


def test_embed_and_update_fill_gaps_so_too_unless_asked_otherwise(filled):
    form, model = filled
    graph, other = regular(), np.random.default_rng(2).normal(50, 2, (30, 3))
    other[:10, 0] = np.nan
    whole = np.where(np.isnan(other), MIDDLE, other)
    expected = tvgnn_cli.embed(model, graph, features=given(whole, form))
    for options in ({}, {"impute": "mean"}):
        found = tvgnn_cli.embed(model, graph, features=given(other, form), **options)
        assert np.array_equal(found, expected) == (not options)
    updated = tvgnn_cli.update(model, graph, features=given(other, form), epochs=1)
    assert updated.model.recipe.fills.tolist() == MIDDLE.tolist()
