"""Tables of features and labels as other programs write them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.test_foreign_edges import said
from tests.test_readers import write
from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.missing import MISSING
from tvgnn_cli.io.read import read_graph

NAMES = ["ann", "bob", "cy", "dan"]
EDGES = "ann,bob\nbob,cy\ncy,dan\ndan,ann\n"
NUMBERED = "0 1\n1 2\n2 3\n3 0\n"
F = [0.5, 1.5, 0.5, 2.5]
G = [1, 0, 0, 1]


def rows(row, head=None, names=NAMES):
    lines = [row.format(n=n, f=F[i], g=G[i], t=str(bool(G[i])), i=i) for i, n in enumerate(names)]
    return "\n".join([*([] if head is None else [head]), *lines]) + "\n"


@pytest.fixture
def edges(tmp_path):
    return write(tmp_path, "e.csv", EDGES)


# A table: its text, the names of its features, and words of the notes.
TABLES = {
    "semicolons": (rows("{n};{f};{g}", "id;f;g"), ("f", "g"), []),
    "semicolons and decimal commas": (
        rows("{n};{f};{g}", "id;f;g").replace(".", ","), ("f", "g"), []),
    "tabs": (rows("{n}\t{f}\t{g}", "id\tf\tg"), ("f", "g"), []),
    "blanks": (rows("{n} {f}  {g}", "id f g"), ("f", "g"), []),
    "quotes after a blank": (rows('"{n}", "{f}", {g}', '"id", "f", "g"'), ("f", "g"), []),
    "true and false": (rows("{n},{f},{t}", "id,f,g"), ("f", "g"), []),
    "TRUE and FALSE": (rows("{n},{f},{t}", "id,f,g").upper().replace("ANN", "ann").replace(
        "BOB", "bob").replace("CY", "cy").replace("DAN", "dan").replace("ID,F,G", "id,f,g"),
        ("f", "g"), []),
    "a category": (rows("{n},{f},kind{g},{g}", "id,f,kind,g"), ("f", "g"), ["kind (not numbers"]),
    "the ids in the last column": (rows("{f},{g},{n}", "f,g,gene"), ("f", "g"), ["column 'gene'"]),
    "row numbers of pandas": (
        rows("{i},{n},{f},{g}", ",name,f,g"), ("f", "g"), ["ids: column 'name'"]),
    "row names of R": (rows('"{n}" {f} {g}', '"f" "g"'), ("f", "g"), []),
    "Gephi": (
        rows("{n},Mr {n},,{f},{g},{i}", "Id,Label,timeset,f,g,modularity_class"),
        ("f", "g"), ["Label", "timeset", "modularity_class (an earlier clustering)"]),
    "a delimiter at the end": (rows("{n},{f},{g},", "id,f,g,"), ("f", "g"), []),
    "rows of empty cells": (rows("{n};{f};{g}", "id;f;g") + ";;\n;;\n", ("f", "g"), []),
    "a gap": (rows("{n},{f},{g},{f}", "id,f,g,h").replace("1,0.5\n", "1,NA\n", 1),
              ("f", "g"), ["h (missing for some vertices)"]),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLES)
def test_tables_of_features(tmp_path, edges, case):
    text, names, words = TABLES[case]
    graph = read_graph(edges, features=write(tmp_path, "x.txt", text))
    assert graph.ids.tolist() == NAMES
    assert graph.feature_names == names
    assert graph.x.tolist() == [list(pair) for pair in zip(F, G, strict=True)]
    for word in words:
        assert word in said(graph)


def test_columns_that_a_user_chooses(tmp_path, edges):
    path = write(tmp_path, "x.csv", rows("{n},{f},kind{g},{i}", "id,f,kind,module"))
    assert read_graph(edges, features=path).feature_names == ("f",)
    assert read_graph(edges, features=path, feature_attrs="all").feature_names == ("f", "module")
    chosen = read_graph(edges, features=path, feature_attrs="kind,module")
    assert chosen.feature_names == ("kind=kind0", "kind=kind1", "module")
    with pytest.raises(InputError, match="no feature columns are left"):
        read_graph(edges, features=path, feature_attrs="none")
    with pytest.raises(InputError, match=r"`feature_attrs`.*Did you mean 'kind'"):
        read_graph(edges, features=path, feature_attrs="kin")


def test_rows_in_the_order_of_the_vertices(tmp_path):
    edges = write(tmp_path, "e.csv.gz", NUMBERED.replace(" ", ","))
    for text, shape in ((rows("{f},{g}"), (4, 2)), (rows("{f},{g}") + "7,7\n", (5, 2))):
        graph = read_graph(edges, features=write(tmp_path, "x.csv.gz", text))
        assert graph.x.shape == shape
        assert graph.x[:4].tolist() == [list(pair) for pair in zip(F, G, strict=True)]
        assert "in the order of the vertices 0, 1, 2" in said(graph)
    labelled = read_graph(edges, labels=write(tmp_path, "y.csv.gz", "5\n6\n5\n6\n"))
    assert labelled.y.tolist() == [0, 1, 0, 1]
    with pytest.raises(InputError, match="ids are taken from column 'column 1'"):
        read_graph(
            write(tmp_path, "e.csv", EDGES), features=write(tmp_path, "x.csv", rows("{f},{g}"))
        )


def test_what_is_no_row_for_a_vertex_says_where_ids_were_looked_for(tmp_path, edges):
    text = rows("{f},{g},{n}", "f,g,gene").replace("dan", "don")
    with pytest.raises(InputError, match=r"column 'f'"):
        read_graph(edges, features=write(tmp_path, "x.csv", text))


@pytest.mark.parametrize("mark", sorted(MISSING - {""}))
def test_marks_of_a_missing_class(tmp_path, edges, mark):
    labels = write(tmp_path, "y.csv", f'id,class\nann,u\nbob,"{mark}"\ncy,v\ndan,u\n')
    graph = read_graph(edges, labels=labels)
    assert (graph.y.tolist(), graph.class_names) == ([0, -1, 1, 0], ("u", "v"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("y.txt", "ann u\nbob v\ncy u\ndan u\nzoe v\n"),
        ("y.tsv", "id\tclass\nann\tu\nbob\tv\ncy\tu\ndan\tu\nzoe\tv\n"),
        ("y.csv", "class,gene\nu,ann\nv,bob\nu,cy\nu,dan\nv,zoe\n"),
        ("y.csv", "id,class,other\nann,u,1\nbob,v,1\ncy,u,1\ndan,u,1\nzoe,v,1\n"),
    ],
)
def test_labels_of_other_vertices_are_left_out_and_counted(tmp_path, edges, name, text):
    graph = read_graph(edges, labels=write(tmp_path, name, text))
    assert graph.ids.tolist() == NAMES
    assert graph.y.tolist() == [0, 1, 0, 0]
    assert "the graph lacks, left out: 1" in said(graph)
    assert graph.fingerprint() == read_graph(edges).fingerprint()


def test_the_column_of_labels_is_named_where_it_is_not_clear(tmp_path, edges):
    text = rows("{n},Mr {n},,{g},{g}", "Id,Label,timeset,team,role")
    path = write(tmp_path, "n.csv", text)
    with pytest.raises(InputError, match=r"one label column .*Label, timeset, team, role.*attr"):
        read_graph(edges, labels=path)
    graph = read_graph(edges, labels=path, label_attr="team")
    assert graph.y.tolist() == G
    assert f"true labels: {path}, column 'team'" in said(graph)
    with pytest.raises(InputError, match=r"`label_attr`.*Did you mean 'team'"):
        read_graph(edges, labels=path, label_attr="teem")


def test_a_table_of_types_is_as_one_of_text(tmp_path, edges):
    kinds = pd.Categorical(["a", "b", "b", "a"])
    frame = pd.DataFrame({"n": NAMES, "f": F, "g": [True, False, False, True], "k": kinds})
    frame["cluster"] = [0, 1, 1, 0]
    frame.to_parquet(tmp_path / "x.parquet")
    graph = read_graph(edges, features=str(tmp_path / "x.parquet"))
    assert graph.feature_names == ("f", "g")
    assert np.array_equal(graph.x, np.array([F, G]).T)
    assert "k (not numbers" in said(graph)
    assert "cluster (an earlier clustering)" in said(graph)


# Cells of a column of numbers, what they are read as, and words of the notes.
COMMAS = {
    "decimal": ("0,5 1,25 -3,0 2", [0.5, 1.25, -3, 2], "decimal commas: '0,5' is read as 0.5"),
    "of three digits": ("0,500 1,250 3,000 2", [0.5, 1.25, 3, 2], "decimal commas"),
    "thousands": ("1,234,567 2,345 3 2", [1234567, 2345, 3, 2], "commas at thousands"),
    "and fractions": ("1,234.5 2,345 -3,000 2.5", [1234.5, 2345, -3000, 2.5], "at thousands"),
    "a point elsewhere": ("1,234 0.5 3 2", [1234, 0.5, 3, 2], "'1,234' is read as 1234"),
}


@pytest.mark.parametrize("mark", [";", "\t", ","])
@pytest.mark.parametrize("case", COMMAS)
def test_commas_in_numbers(tmp_path, edges, case, mark):
    cells, values, words = COMMAS[case]
    lines = [f'{n}{mark}"{c}"' for n, c in zip(NAMES, cells.split(), strict=True)]
    path = write(tmp_path, "x.txt", "\n".join([f"id{mark}f", *lines]) + "\n")
    graph = read_graph(edges, features=path, feature_attrs="f")
    assert graph.x.ravel().tolist() == values
    assert words in said(graph)


def test_a_thousand_or_a_fraction_is_refused_where_nothing_tells(tmp_path, edges):
    text = "id;f;g\n" + "".join(f"{n};{i + 1},234;{F[i]}\n" for i, n in enumerate(NAMES))
    path = write(tmp_path, "x.csv", text)
    with pytest.raises(InputError, match=r"column 'f' has .* '1,234': .*write 1234 or 1.234; `fea"):
        read_graph(edges, features=path)
    assert read_graph(edges, features=path, feature_attrs="g").x.ravel().tolist() == F
    told = read_graph(edges, features=write(tmp_path, "y.csv", text.replace(".", ",")))
    assert told.x[0].tolist() == [np.float32(1.234), 0.5]
    labels = write(tmp_path, "l.csv", text.replace("id;f;g", "id;class;g"))
    assert read_graph(edges, labels=labels, label_attr="class").num_classes == 4


def test_columns_without_values_and_infinite_ones(tmp_path, edges, recwarn):
    path = write(tmp_path, "x.csv", rows("{n},{f},", "id,f,none"))
    assert "none (without a value)" in said(read_graph(edges, features=path))
    path = write(tmp_path, "x.csv", rows("{n},{f},{f}", "id,f,g").replace(",2.5\n", ",inf\n"))
    with pytest.raises(InputError, match="'g': features of vertex 'dan' are not finite"):
        read_graph(edges, features=path)
    assert not recwarn.list


@pytest.mark.parametrize("names", [NAMES, ["0", "1", "2", "3"]])
@pytest.mark.parametrize("swap", [False, True])
def test_text_of_word2vec(tmp_path, names, swap):
    """A line that counts rows and values is none of them."""
    edges = write(
        tmp_path,
        "e.txt",
        "".join(f"{a} {b}\n" for a, b in zip(names, names[1:] + names[:1], strict=True)),
    )
    body = rows("{n} {f} {g} 1.5", names=names).splitlines()
    path = write(tmp_path, "x.emb", "\n".join(["4 3", *(body[::-1] if swap else body)]))
    graph = read_graph(edges, features=path)
    order = [names.index(name) for name in graph.ids]
    assert graph.x[:, 0].tolist() == [F[i] for i in order]
    assert "the first line counts rows, and is not read: 4 3" in said(graph)


def test_partitions_of_pajek(tmp_path):
    edges = write(tmp_path, "e.txt", "1 2\n2 3\n3 4\n4 1\n")
    graph = read_graph(
        edges, labels=write(tmp_path, "g.clu", "*Vertices 4\r\n1\r\n2\r\n2\r\n1\r\n")
    )
    assert graph.y.tolist() == [0, 1, 1, 0]


def test_a_footer_of_a_database(tmp_path):
    edges = write(tmp_path, "e.csv", EDGES + "(4 rows)\n")
    labels = write(tmp_path, "y.txt", rows("{n}|{g}", "id|label") + "(4 rows)\n\n")
    graph = read_graph(edges, labels=labels)
    assert graph.num_edges == 4
    assert said(graph).count("the last line counts the rows") == 2
    assert read_graph(write(tmp_path, "d.csv", EDGES + "\x1a")).num_edges == 4


def test_rows_of_values_and_many_columns_are_told(tmp_path, edges):
    triplets = "".join(f"{n},{i},1.0\n" for n in NAMES for i in range(3))
    with pytest.raises(InputError, match=r"'ann' \(and 7 more\).*scipy.sparse.save_npz"):
        read_graph(edges, features=write(tmp_path, "x.csv", "id,word,value\n" + triplets))
    wide = "".join(f"{n}{',k' * 30}\n" for n in NAMES)
    with pytest.raises(InputError, match="column 9 and 22 more; name it"):
        read_graph(edges, labels=write(tmp_path, "y.csv", wide))
    with pytest.raises(InputError, match="line 1: 2 columns where other lines have 3"):
        read_graph(edges, features=write(tmp_path, "z.txt", "4 7\n" + rows("{n} {f} {g}")))


def test_one_edge_whose_ids_have_numbers(tmp_path):
    assert read_graph(write(tmp_path, "e.txt", "v0 v1\n")).ids.tolist() == ["v0", "v1"]


def test_the_content_of_cora(tmp_path):
    """Ids, words and a class, without names: features and labels from one file."""
    edges = write(tmp_path, "cora.cites", "31336\t1061127\n1061127\t8\n8\t35\n35\t31336\n")
    text = "31336\t0\t1\tNets\n1061127\t1\t1\tRules\n8\t1\t0\tNets\n35\t0\t1\tRules\n"
    path = write(tmp_path, "cora.content", text)
    graph = read_graph(edges, features=path, labels=path)
    assert graph.x.tolist() == [[0, 1], [1, 1], [1, 0], [0, 1]]
    assert graph.class_names == ("Nets", "Rules")
    assert "no features: column 4" in said(graph)
    assert "column 'column 4'" in said(graph)


def test_words_beside_numbers_are_no_features(tmp_path, edges):
    svmlight = "".join(f"{n} {i % 2} 1:0.{i} 3:1.{i}\n" for i, n in enumerate(NAMES))
    with pytest.raises(InputError, match="no feature columns are left"):
        read_graph(edges, features=write(tmp_path, "x.txt", svmlight))


@pytest.mark.parametrize(
    ("low", "others", "said_so"),
    [
        ("-999", "{f}", True),
        ("-99.0", "-{g}", True),
        ("-9999", "-2{g}00", False),
        ("-5", "9", False),
    ],
)
def test_numbers_that_may_stand_for_a_missing_value_are_said(edges, tmp_path, low, others, said_so):
    *lines, last = rows("{n},{f}," + others, "id,a,depth").split()
    lines.append(f"{last.rpartition(',')[0]},{low}")
    told = said(read_graph(edges, features=write(tmp_path, "f.csv", "\n".join(lines))))
    words = f"{float(low):g} in 'depth' (1); where it stands for a missing value"
    assert (words in told) == said_so
