"""Columns that were taken for something else without a word: kinds, distances, times, codes."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from tests.test_readers import edges_of, write
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.names import is_distance, is_never_weight, rank_of_weight
from tvgnn_cli.io.read import read_graph

DISTANCES = (
    "mean_distance", "total_cost", "sum_of_distances", "totalHops", "dist_m", "km",
    "distance score", "length",
)  # fmt: skip
NO_WEIGHTS = (
    "avg_pvalue", "P.Value", "adj.P.Val", "E-value", "FDR", "padj", "mean_rank", "weight_rank",
    "non_weight", "weighted", "num_days_since", "pmid", "zip", "rel_idx", "zipCode",
)  # fmt: skip
WEIGHTS = (
    "weight", "weights", "Weight 1", "weight:double", "n_messages", "total_fare", "mean similarity",
    "edge strength", "no_of_calls_count", "-log10(p value) score",
)  # fmt: skip


@pytest.mark.parametrize("name", [*DISTANCES, *NO_WEIGHTS, *WEIGHTS])
def test_words_tell_of_what_a_column_is(name):
    assert is_distance(name) == (name in DISTANCES)
    assert is_never_weight(name) == (name not in WEIGHTS)
    assert (rank_of_weight(name) is not None) == (name in WEIGHTS)


@pytest.mark.parametrize("ends", ["source,target", "gene,disease"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("name", DISTANCES)
def test_distances_are_refused_under_any_name(tmp_path, name, ends, suffix):
    frame = pd.DataFrame([["a", "b", 1.5], ["b", "c", 2.5]], columns=[*ends.split(","), name])
    path = tmp_path / f"g.{suffix}"
    frame.to_csv(path, index=False) if suffix == "csv" else frame.to_parquet(path)
    with pytest.raises(InputError, match="is named as distances are"):
        read_graph(path)


@pytest.mark.parametrize("ends", ["source,target", "gene,disease"])
@pytest.mark.parametrize("name", NO_WEIGHTS)
def test_what_is_no_similarity_is_not_read(tmp_path, name, ends):
    graph = read_graph(write(tmp_path, "g.csv", f"{ends},{name}\na,b,1.5\nb,c,2.5\n"))
    assert graph.edge_weight is None
    assert any(note.startswith(f"edge columns not read: '{name}'") for note in graph.notes)


def test_a_distance_of_a_graph_file_is_refused(tmp_path):
    graph = nx.Graph()
    graph.add_edge("a", "b", mean_distance=1.5)
    nx.write_graphml(graph, tmp_path / "g.graphml")
    with pytest.raises(InputError, match="'mean_distance' is named as distances are"):
        read_graph(tmp_path / "g.graphml")


def triples(entities: int = 40, kinds: int = 4, rows: int = 60) -> np.ndarray:
    random = np.random.default_rng(0)
    ends = random.integers(0, entities, (rows, 2))
    return np.column_stack([ends[:, 0], random.integers(0, kinds, rows), ends[:, 1]])


def test_kinds_between_ends_in_numbers(tmp_path):
    """As knowledge graphs have them."""
    rows = triples()
    for name in (None, "h,r,w"):
        path = tmp_path / "g.csv"
        np.savetxt(path, rows, fmt="%d", delimiter=",", header=name or "", comments="")
        if name is None:
            with pytest.raises(InputError, match="columns 1 and 3 have the same numbers"):
                read_graph(path)
            graph = read_graph(path, source="1", target="3")
            assert graph.num_vertices == len(set(rows[:, [0, 2]].ravel()))
    for names in ("head_idx,rel_idx,tail_idx", "head,relation,tail"):
        np.savetxt(path, rows, fmt="%d", delimiter=",", header=names, comments="")
        graph = read_graph(path)
        assert graph.num_vertices == len(set(rows[:, [0, 2]].ravel()))
        assert graph.edge_weight is None
        assert any("edge columns not read: 're" in note for note in graph.notes)


def test_a_column_that_is_named_as_a_weight_makes_no_triples(tmp_path):
    """Few clubs, many members, counts as many: the names tell."""
    rows = triples()
    rows[:, 1] += 100
    np.savetxt(
        tmp_path / "g.csv", rows, fmt="%d", delimiter=",", header="user,club,count", comments=""
    )
    graph = read_graph(tmp_path / "g.csv")
    assert graph.edge_weight is not None
    assert graph.num_vertices <= len(set(rows[:, [0, 1]].ravel()))


def test_few_values_between_unlike_numbers_are_ends(tmp_path):
    rows = triples()
    rows[:, 2] += 1000
    np.savetxt(tmp_path / "g.txt", rows, fmt="%d")
    graph = read_graph(tmp_path / "g.txt")
    assert graph.num_vertices == len(set(rows[:, :2].ravel()))
    assert graph.edge_weight is not None


def test_whole_weights_are_no_kinds(tmp_path):
    random = np.random.default_rng(0)
    rows = np.column_stack([random.integers(0, 40, (60, 2)), random.integers(1, 5, 60)])
    np.savetxt(tmp_path / "g.txt", rows, fmt="%d")
    assert read_graph(tmp_path / "g.txt").edge_weight is not None


@pytest.mark.parametrize(
    "times", [range(0, 600, 20), [20, 20, 40, 60, 60, 80] * 5, [0, 0, 3, 7, 8]]
)
def test_times_that_come_again_are_no_weights(tmp_path, times):
    times = sorted([*times] * (30 // len(times)))
    text = "".join(f"v{i} v{i + 1} {t}\n" for i, t in enumerate(times))
    graph = read_graph(write(tmp_path, "g.txt", text))
    assert graph.edge_weight is None
    assert any("column 3 looks like times from a start on" in note for note in graph.notes)


def test_weights_that_rise_are_weights(tmp_path):
    text = "".join(f"v{i} v{i + 1} {1 + i // 4}\n" for i in range(40))
    graph = read_graph(write(tmp_path, "g.txt", text))
    assert sorted(set(graph.edge_weight)) == list(range(1, 11))


@pytest.mark.parametrize("mark", ["0x", "0X"])
def test_ids_of_base_16_stay_what_they_are(tmp_path, mark):
    text = "".join(f"{i},{i + 1}\n" for i in range(40)) + f"{mark}1F,{mark}20\n"
    graph = read_graph(write(tmp_path, "g.csv", text))
    assert {f"{mark}1F", f"{mark}20", "31", "32"} <= set(graph.ids)


@pytest.mark.parametrize(
    "first", ["source\tinteraction\ttarget", "PARTICIPANT_A\tINTERACTION_TYPE\tPARTICIPANT_B"]
)
@pytest.mark.parametrize("kind", ["pp", "1", "-1"])
def test_sif_has_a_kind_between_its_ends(tmp_path, first, kind):
    rows = f"a\t{kind}\tb\nb\t{kind}\tc\n"
    for text in (f"{first}\n{rows}", rows):
        graph = read_graph(write(tmp_path, "g.sif", text))
        assert edges_of(graph) == {frozenset("ab"): 1, frozenset("bc"): 1}
    asked = read_graph(write(tmp_path, "g.sif", "a\t2\tb\nb\t3\tc\n"), weight="2")
    assert edges_of(asked) == {frozenset("ab"): 2, frozenset("bc"): 3}


def test_sif_of_two_columns_says_what_it_lacks(tmp_path):
    path = write(tmp_path, "g.sif", "a b\nb c\n")
    with pytest.raises(InputError, match="line 1: two columns, and SIF has the kind of an edge"):
        read_graph(path)
    assert read_graph(path, target="2").num_edges == 2


RING = "0,1\n1,2\n2,3\n3,0\n"


def of_table(tmp_path, text: str, **options):
    graph = write(tmp_path, "g.csv", RING)
    return read_graph(graph, features=write(tmp_path, "x.csv", text), **options)


def test_entries_of_a_sparse_matrix_are_no_rows_of_vertices(tmp_path):
    text = "".join(f"{i} {j} {i + j + 0.5}\n" for i in range(4) for j in (0, 3, 5))
    with pytest.raises(InputError, match="rows of a vertex, a value and its place are a matrix"):
        of_table(tmp_path, text)
    assert of_table(tmp_path, "1 0 2.5\n1 2 0.5\n0 0 1\n2 2 3\n").x.shape == (4, 3)


def test_points_at_thousands_beside_decimal_commas(tmp_path):
    text = "id;v;w;u\n0;950;0,5;1.234,5\n1;1.200;0,75;2,5\n2;3.000;1,5;1.000.000\n3;870;2,5;12\n"
    graph = of_table(tmp_path, text)
    assert graph.x.T.tolist() == [
        [950, 1200, 3000, 870], [0.5, 0.75, 1.5, 2.5], [1234.5, 2.5, 1e6, 12]]  # fmt: skip
    assert any("have points at thousands: '1.200' is read as 1200" in n for n in graph.notes)
    fractions = of_table(tmp_path, text.replace("3.000", "0.950"))
    assert fractions.x[:, 0].tolist() == [950, np.float32(1.2), np.float32(0.95), 870]
    alone = of_table(tmp_path, "id;v\n0;950\n1;1.200\n2;3.000\n3;870\n")
    assert alone.x.ravel().tolist() == [950, np.float32(1.2), 3, 870]


def test_codes_are_no_numbers_in_tables_of_text(tmp_path):
    text = "id,icd,age\n0,007,3.5\n1,012,2.5\n2,007,1.5\n3,012,0.5\n"
    graph = of_table(tmp_path, text)
    assert list(graph.feature_names) == ["age"]
    named = of_table(tmp_path, text, feature_attrs="icd")
    assert list(named.feature_names) == ["icd=007", "icd=012"]
    plain = of_table(tmp_path, text.replace("007", "0.7").replace("012", "0"), feature_attrs="icd")
    assert plain.x.ravel().tolist() == [np.float32(0.7), 0, np.float32(0.7), 0]


def test_a_category_with_a_gap_names_the_vertex(tmp_path):
    text = "id,age,city\n0,1.5,x\n1,2,y\n2,2.5,\n3,3,x\n"
    with pytest.raises(InputError, match="'city': vertex '2' has no value; leave it out, or `impu"):
        of_table(tmp_path, text, feature_attrs="age,city")
    filled = of_table(tmp_path, text, feature_attrs="age,city", impute="median")
    assert filled.x.shape == (4, 3)


def test_a_category_of_too_many_values_is_told_the_limit(tmp_path):
    text = "id,city\n" + "".join(f"{i},c{i // 3}\n" for i in range(3600))
    ring = write(tmp_path, "g.csv", "".join(f"{i},{(i + 1) % 3600}\n" for i in range(3600)))
    with pytest.raises(InputError, match=r"1,200 different values .* a category has 2 to 1,000"):
        read_graph(ring, features=write(tmp_path, "x.csv", text), feature_attrs="city")


def test_durations_are_no_weights(tmp_path):
    frame = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"]})
    frame["weight"] = pd.to_timedelta([1, 2], "s")
    frame.to_parquet(tmp_path / "g.parquet")
    for given in (frame, tmp_path / "g.parquet"):
        with pytest.raises(
            InputError, match=r"column 'weight' has type duration\[ns\]; weights ar"
        ):
            read_graph(given)


def test_a_header_that_may_be_an_edge_is_told_of(tmp_path):
    path = write(tmp_path, "g.csv", "u,v,weight\nu,v,3\nv,w,2\n")
    with pytest.raises(
        InputError, match=r"line 1: weight 'weight' .*names the columns, say `header"
    ):
        read_graph(path)
    assert read_graph(path, header=True).num_edges == 2
