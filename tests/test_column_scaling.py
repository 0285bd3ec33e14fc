"""Scaling of columns with values far outside, of several units, or nearly all the same."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import tvgnn_cli
from tests.conftest import make_graph
from tvgnn_cli.evaluation.metrics import normalized_mutual_information
from tvgnn_cli.graph import stored_features as stored
from tvgnn_cli.graph.stored_features import StoredFeatures
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.prepare.column_scaling import EDGE, REACH, column_scaling, guess_scaling, reach
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe, scaled

SIZE, K, WIDTH = 50, 4, 8
N = K * SIZE
CLASSES = np.repeat(np.arange(K), SIZE)
QUICK = {"hidden": 128, "mlp_hidden": 64, "epochs": 10}


def normal(seed=0, width=WIDTH, count=N):
    return np.random.default_rng(seed).standard_normal((count, width)).astype("f4")


def robust(x):
    """The features as "robust" scales them."""
    recipe = FeatureRecipe("given", x.shape[1], "robust", **vars(column_scaling(x, "robust")))
    return scaled(x, recipe)


@pytest.mark.parametrize("sparse", [False, True])
def test_without_values_far_outside_robust_is_standard(sparse):
    x = normal()
    x[:, 3] = 7
    x = sp.csr_array(x) if sparse else x
    one, other = (column_scaling(x, name) for name in ("robust", "standard"))
    assert not one.bounds.size
    assert one.offset.tobytes() == other.offset.tobytes()
    assert one.scale.tobytes() == other.scale.tobytes()


FAR = {
    "one value": lambda x: np.r_[1e12, x[1:]],
    "one below": lambda x: np.r_[-1e12, x[1:]],
    "the largest of all": lambda x: np.r_[3e38, x[1:]],
    "a mark of what is missing": lambda x: np.where(np.arange(len(x)) % 20 == 0, -9999, x),
    "a long tail": lambda x: np.exp(3 * x),
    "mostly zeros": lambda x: np.where(np.arange(len(x)) % 5 == 0, np.exp(4 * x), 0),
}


@pytest.mark.parametrize("name", FAR)
def test_values_far_outside_leave_the_others_apart(name):
    x = normal()
    x[:, 2] = FAR[name](x[:, 2])
    found = robust(x)[:, 2]
    assert found.mean() == pytest.approx(0, abs=1e-5)
    assert found.std() == pytest.approx(1, abs=1e-5)
    assert np.abs(found).max() <= EDGE * 2
    order = np.argsort(x[:, 2], kind="stable")
    assert (np.diff(found[order]) >= 0).all(), "none has changed places with another"
    inside = np.sort(found)[N // 10 : -N // 10]
    if name != "mostly zeros":
        assert np.ptp(inside) > 1, "the others differ as they did"
    plain = scaled(
        x, FeatureRecipe("given", WIDTH, "standard", **vars(column_scaling(x, "standard")))
    )
    others = [i for i in range(WIDTH) if i != 2]
    assert np.array_equal(robust(x)[:, others], plain[:, others])


@pytest.mark.parametrize(("deviations", "is_far"), [(17, False), (24, True)])
def test_twenty_deviations_of_the_others_are_far(deviations, is_far):
    x = normal(count=5000)
    x[7, 2] = deviations
    assert reach(x)[2].tolist() == [False, False, is_far] + [False] * 5


def test_a_column_of_which_nearly_all_is_the_same_counts_for_less():
    x = normal(count=20_000)
    x[:, 1] = np.arange(len(x)) < 3
    found = robust(x)
    assert found[:, 1].max() == pytest.approx(REACH, rel=1e-3)
    assert found[:, 1].std() < 0.2
    assert found[:, 0].std() == pytest.approx(1, abs=1e-4)


def test_two_groups_far_apart_stay_apart():
    x = normal(width=1)
    group = np.arange(N) % 5 == 0
    x[group] += 1000
    found = robust(x).ravel()
    assert found[group].min() > found[~group].max() + 1


def test_features_in_a_file_are_scaled_as_in_memory(tmp_path, monkeypatch):
    x = normal(width=40)
    x[3, 5], x[:, 7], x[::20, 9] = 1e9, np.exp(3 * x[:, 7]), -9999
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "g.npy", np.array([[0], [N - 1]]))
    read = lambda: read_graph(str(tmp_path / "g.npy"), features=str(tmp_path / "x.npy")).x  # noqa: E731
    inside = column_scaling(read(), "robust")
    monkeypatch.setattr(stored, "STORED_BYTES", 0)
    monkeypatch.setattr(stored, "BLOCK_BYTES", 4 * 40 * 7)
    outside = read()
    assert isinstance(outside, StoredFeatures)
    before = outside.columns.mean.copy()
    found = column_scaling(outside, "robust")
    assert (outside.columns.mean == before).all(), "the summary is of the file"
    for name in ("offset", "scale", "bounds"):
        assert np.allclose(getattr(found, name), getattr(inside, name), rtol=1e-5, atol=1e-7)
    assert np.flatnonzero(inside.bounds[1] < 1e30).tolist() == [5, 7, 9]


def some_of(kinds, seed=0, count=1000):
    """One column for each of some kinds, of which every vertex is one."""
    return np.eye(kinds)[np.random.default_rng(seed).integers(0, kinds, count)]


def units():
    random = np.random.default_rng(1)
    kinds = np.hstack([some_of(6, seed) for seed in range(4)])
    age = random.integers(18, 80, (1000, 1))
    income = np.round(random.lognormal(10, 1, (1000, 1)))
    words = random.poisson(8 / np.arange(1, 501), (1000, 500))
    spoilt = words.astype("f4")
    spoilt[3, 400] = 1e9
    skew = np.eye(9)[random.choice(9, 1000, p=[0.6] + [0.05] * 8)]
    amounts = (random.random((1000, 10)) < 0.4) * random.lognormal(0, 1, (1000, 10))
    return {
        "kinds": (kinds, "tfidf"),
        "kinds and an age": (np.hstack([kinds, age]), "robust"),
        "kinds, ages and incomes": (np.hstack([kinds, age, income]), "robust"),
        "words as they are in a language": (words, "tfidf"),
        "words, and one count of a thousand million": (spoilt, "tfidf"),
        "one kind that most are": (skew, "tfidf"),
        "amounts of one unit": (amounts, "unit"),
        "amounts of ten units": (amounts * 10.0 ** np.arange(10), "robust"),
        "nothing": (np.zeros((30, 9)), "tfidf"),
    }


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("name", units())
def test_columns_of_several_units_are_no_words(name, sparse):
    x, scaling = units()[name]
    x = x.astype("f4")
    assert guess_scaling(sp.csr_array(x) if sparse else x) == scaling


def test_words_too_many_to_lay_out_stay_words(monkeypatch):
    x, _ = units()["kinds and an age"]
    x = sp.csr_array(x.astype("f4"))
    monkeypatch.setattr("tvgnn_cli.prepare.column_scaling.MOST_DENSE", x.shape[0] * x.shape[1] - 1)
    assert guess_scaling(x) == "tfidf"


def telling():
    """Edges and columns that each tell a part of the class."""
    network = nx.planted_partition_graph(K, SIZE, 0.12, 0.06, seed=1)
    centres = np.random.default_rng(2).standard_normal((K, WIDTH))
    return network, (1.5 * centres[CLASSES] + normal(3)).astype("f4")


def one_of_all(x):
    x[7] = 1e12


def some_of_each(x):
    x[np.random.default_rng(4).random(x.shape) < 0.03] = -9999


def some_in_other_units(x):
    x[::40] *= 1000


def long_tails(x):
    np.exp(3 * x, out=x)


@pytest.mark.parametrize("spoil", [one_of_all, some_of_each, some_in_other_units, long_tails])
def test_values_far_outside_do_not_decide_the_clusters(spoil):
    network, x = telling()
    spoil(x)
    graph = make_graph(network, x)
    found, plain = (
        tvgnn_cli.cluster(graph, K, seed=1, feature_scaling=scaling, **QUICK)
        for scaling in ("auto", "standard")
    )
    assert normalized_mutual_information(CLASSES, found.labels) > 0.4
    assert normalized_mutual_information(CLASSES, plain.labels) < 0.2
    (said,) = [note for note in found.notes if "far outside" in note]
    assert said.endswith("in 8 of 8 columns (`feature_scaling` robust)")
    assert not any("far outside" in note for note in plain.notes)


def test_a_model_brings_values_of_other_graphs_nearer(tmp_path):
    network, x = telling()
    names = tuple(f"f{i}" for i in range(WIDTH))
    x[7, 3] = 1e12
    found = tvgnn_cli.cluster(make_graph(network, x, feature_names=names), K, **QUICK)
    assert any("in 1 of 8 columns: f3 (" in note for note in found.notes)
    found.save(tmp_path / "m.tvgnn")
    again = tvgnn_cli.predict(tmp_path / "m.tvgnn", make_graph(network, x, feature_names=names))
    assert (again.labels == found.labels).all()
    x[7, 3] = 1e30
    again = tvgnn_cli.predict(tmp_path / "m.tvgnn", make_graph(network, x, feature_names=names))
    assert (again.labels == found.labels).all()


def test_rows_that_are_all_the_same_but_one_are_measured():
    network, x = telling()
    x[:], x[7] = 1, 1e12
    found = tvgnn_cli.cluster(make_graph(network, x), K, feature_scaling="standard", **QUICK)
    assert len(set(found.labels)) == K


def test_the_check_counts_columns_with_values_far_outside(tvgnn, tmp_path):
    network, x = telling()
    x[7, 3] = 1e9
    table = pd.DataFrame(x, columns=[f"f{i}" for i in range(WIDTH)])
    table.insert(0, "id", np.arange(N))
    table.to_csv(tmp_path / "x.csv", index=False)
    nx.write_edgelist(network, tmp_path / "g.txt", data=False)
    given = ["check", "g.txt", "--features", "x.csv"]
    assert "8; values far outside the others in 1\n" in tvgnn(*given).out


def test_categories_beside_numbers(tvgnn, tmp_path):
    random = np.random.default_rng(5)
    network, _ = telling()
    table = pd.DataFrame({"id": np.arange(N)})
    for column in range(4):
        shares = random.dirichlet(np.full(6, 0.3), K)
        table[f"kind{column}"] = [f"v{random.choice(6, p=shares[c])}" for c in CLASSES]
    table["age"] = random.integers(18, 80, N)
    table["income"] = np.round(random.lognormal(10, 1, N)).astype(int)
    table.to_csv(tmp_path / "x.csv", index=False)
    pd.DataFrame({"id": np.arange(N), "label": CLASSES}).to_csv(tmp_path / "y.csv", index=False)
    nx.write_edgelist(network, tmp_path / "g.txt", data=False)
    given = ["cluster", "g.txt", "-k", K, "--features", "x.csv", "--labels", "y.csv",
             "--feature-attrs", "kind0,kind1,kind2,kind3,age,income", "--epochs", 10,
             "--hidden", 128, "--mlp-hidden", 64]  # fmt: skip
    found = []
    for scaling in ("auto", "tfidf"):
        assert tvgnn(*given, "--feature-scaling", scaling, "-o", f"{scaling}.csv").code == 0
        found.append(pd.read_csv(tmp_path / f"{scaling}.metrics.csv").nmi[0])
    assert found[0] > 0.5
    assert found[0] > found[1] + 0.2
