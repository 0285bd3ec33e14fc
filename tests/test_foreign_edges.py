"""Edge lists as other programs write them: what is an end, a weight, a header, or nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tests.test_readers import edges_of, write
from tvgnn_cli.errors import InputError, TvgnnError
from tvgnn_cli.io.read import read_graph

PAIRS = [("ann", "bob"), ("bob", "cy"), ("cy", "ann"), ("cy", "dan"), ("dan", "eve"), ("eve", "cy")]
PLAIN = {frozenset(pair): 1.0 for pair in PAIRS}
WEIGHED = {frozenset(pair): i + 0.5 for i, pair in enumerate(PAIRS)}


def lines(row, *before, pairs=PAIRS):
    """A file with a line for each edge: `row` has {a}, {b}, {i} and {w} in it."""
    rows = [row.format(a=a, b=b, i=i, w=i + 0.5) for i, (a, b) in enumerate(pairs)]
    return "\n".join([*before, *rows]) + "\n"


def said(graph):
    return " | ".join(graph.notes)


# What a file looks like: its text, the edges that it means, and words of the notes.
FILES: dict[str, tuple[str, dict, list[str]]] = {
    "Gephi, an Id": (lines("{a},{b},{i}", "Source,Target,Id"), PLAIN, ["not read: 'Id'"]),
    "Gephi, a Type": (lines("{a};{b};Directed", "Source;Target;Type"), PLAIN, ["'Type'"]),
    "Gephi, all columns": (
        lines("{a},{b},Undirected,{i},,,{w}", "Source,Target,Type,Id,Label,timeset,Weight"),
        WEIGHED,
        ["weights: column 7, 'Weight'", "'Type', 'Id', 'Label', 'timeset'"],
    ),
    "BLAST": (
        lines("{a}\t{b}\t9{i}.5\t120\t1e-50\t{w}",
              "qseqid\tsseqid\tpident\tlength\tevalue\tbitscore"),
        WEIGHED,
        ["'bitscore'", "not read: 'pident', 'length' (a distance"],
    ),
    "a destination": (lines("{i},{b},{a}", "Edge Id,Destination,Source"), PLAIN, ["row numbers"]),
    "messages, the time first": (
        lines("2020-01-0{i},{a},{b},{i}.5", "day,sender_id,receiver_id,n_messages"),
        WEIGHED,
        ["'n_messages'", "'day'"],
    ),
    "flights": (lines("2019,{a},{b}", "YEAR_ID,ORIGIN_CITY,DEST_CITY"), PLAIN, ["'YEAR_ID'"]),
    "a weight first": (lines("{w},{a},{b}", "score,gene,friend"), WEIGHED, ["'gene' and 'friend'"]),
    "a year first": (lines("2019,{a},{b}", "year,gene,disease"), PLAIN, ["'year'"]),
    "a header without a number": (
        lines("{a}1,b{i}2", "ann,author"),
        {frozenset((f"{a}1", f"b{i}2")): 1.0 for i, (a, _) in enumerate(PAIRS)},
        ["read as a header"],
    ),
    "remarks": (lines("{a},{b} # seen {i} times"), PLAIN, ["behind #, which is not read: 6"]),
    "remarks and a weight": (
        lines("{a} {b} {w}\t# {i}", "# ends"), WEIGHED, ["behind #, which is not read: 6"],
    ),
    "ids with a number sign": (
        lines("{a} # 1,Apt # {b}"),
        {frozenset((f"{a} # 1", f"Apt # {b}")): 1.0 for a, b in PAIRS}, [],
    ),
    "a score among text": (
        lines("{a},pp,{b},{w}", "node1,relation,node2,combined_score"),
        WEIGHED,
        ["'combined_score'", "'relation'"],
    ),
    "a weight in another case": (lines("{a},{b},{w}", "From,To,WEIGHT"), WEIGHED, ["'WEIGHT'"]),
    "a weight that is no word": (
        lines("{a},{b},{w}", "from,to,foo"), PLAIN, ["not read: 'foo'", "`weight` NAME"],
    ),
    "the likeliest of two weights": (
        lines("{a},{b},{i},{w}", "from,to,count,weight"), WEIGHED, ["'weight'", "'count'"],
    ),
    "years": (lines("{a} {b} 199{i}"), PLAIN, ["looks like years"]),
    "times in seconds": (lines("{a} {b} 128339116{i}"), PLAIN, ["looks like times"]),
    "times in milliseconds": (lines("{a},{b},128339116{i}000"), PLAIN, ["milliseconds"]),
    "a date": (lines("{a},{b},2020-01-0{i}", "source,target,created_at"), PLAIN, ["created_at"]),
    "Neo4j": (
        lines("{a},{w},{b},KNOWS", ":START_ID(P),weight:float,:END_ID(P),:TYPE"),
        WEIGHED,
        ["'weight:float'", "':TYPE'"],
    ),
    "pandas with its index": (
        lines("{i},{a},{b}", ",id_1,id_2"), PLAIN, ["column 1 holds row numbers"],
    ),
    "pandas with its index and a weight": (
        lines("{i},{a},{b},{w}", ",from_id,to_id,weight"), WEIGHED, ["row numbers"],
    ),
    "R's write.table": (lines('"{i}" "{a}" "{b}"', '"V1" "V2"'), PLAIN, ["row numbers"]),
    "R's write.table without names": (lines('"{a}" "{b}"', '"from" "to"'), PLAIN, ["header"]),
    "R's write.csv": (lines('"{i}","{a}","{b}",{w}', '"","from","to","weight"'), WEIGHED, ["row"]),
    "a header that no vertex has": (
        lines("{a},{b}", "left one,right one"), PLAIN, ["'left one' and 'right one' are in no"],
    ),
    "pairs of one stem": (lines("{a}\t{b}\t{w}", "drugA\tdrugB\tscore"), WEIGHED, ["'score'"]),
    "ids of one stem": (lines("{a},{b}", "src_ip,dst_ip"), PLAIN, []),
    "STRING": (
        lines("{a}\t{b}\t9.{a}\t9.{b}\t{w}", "#node1\tnode2\tnode1_id\tnode2_id\tcombined_score"),
        WEIGHED,
        ["named by a line that begins with #", "'combined_score'"],
    ),
    "STRING, all channels": (
        lines("{a} {b} 0 {i} {w}", "protein1 protein2 fusion textmining combined_score"),
        WEIGHED,
        ["'fusion', 'textmining'"],
    ),
    "SNAP": (
        lines("{a}\t{b}", "# Undirected: x.txt", "# FromNodeId\tToNodeId"), PLAIN, ["skipped: 2"],
    ),
    "KONECT": (
        lines("{a} {b} {w} 128339116{i}", "% asym weighted", "% 6 5 5"), WEIGHED, ["column 3"],
    ),
    "KONECT with mixed blanks": (lines("{i}\t1{i} {w}", "% sym"), {
        frozenset((str(i), f"1{i}")): i + 0.5 for i in range(6)}, ["column 3"]),
    "tabs in some lines": (lines("{a}\t{b}", "ann cy"), PLAIN, []),
    "hashtags": (
        lines("#{a},#{b}", "source,target"),
        {frozenset(f"#{name}" for name in pair): 1.0 for pair in PLAIN},
        ["read as edges: 6"],
    ),
    "hashtags alone": (
        lines("#{a},#{b}"), {frozenset(f"#{n}" for n in pair): 1.0 for pair in PLAIN}, [],
    ),
    "hashtags after some": (
        lines("#{a} {b}", "x ann", "# a comment", "% and another one"),
        {frozenset(("x", "ann")): 1.0} | {frozenset((f"#{a}", b)): 1.0 for a, b in PAIRS},
        ["read as edges: 6", "skipped: 2"],
    ),
    "networkx": (lines("{a} {b} {{}}"), PLAIN, []),
    "networkx with weights": (lines("{a} {b} {{'weight': {w}, 'k': 'x'}}"), WEIGHED, ["'k'"]),
    "networkx between commas": (lines("{a},{b},{{'weight': {w}}}"), WEIGHED, []),
    "a delimiter at the end": (lines("{a},{b},"), PLAIN, ["column 3 is empty"]),
    "a delimiter at the end, not of the header": (lines("{a},{b},", "source,target"), PLAIN, []),
    "a delimiter at the end of the header": (lines("{a},{b}", "source,target,"), PLAIN, []),
    "Excel": (lines("{a};{b};{w}", "sep=;", "Source;Target;Weight") + ";;\n;;\n", WEIGHED, []),
    "Excel elsewhere": (
        lines("{a};{b};{w}", "Source;Target;Weight").replace(".", ","), WEIGHED, ["decimal commas"],
    ),
    "quotes after a blank": (
        lines('"{a}, x", "{b}, x"', "source, target"),
        {frozenset(f"{name}, x" for name in pair): 1.0 for pair in PLAIN}, [],
    ),
    "quotes and blanks": (
        lines('"{a} x"  "{b} x"   {w}'),
        {frozenset(f"{n} x" for n in pair): w for pair, w in WEIGHED.items()}, ["column 3"],
    ),
    "a quoted line end": (lines('"{a}\nx","{b}\nx"'), {
        frozenset(f"{n}\nx" for n in pair): 1.0 for pair in PLAIN}, []),
    "a third column of text": (lines("{a} {b} knows"), PLAIN, ["not read: 'column 3'"]),
    "LFR": (
        lines("{i}\t1{i}\n1{i}\t{i}"), {frozenset((str(i), f"1{i}")): 1.0 for i in range(6)}, [],
    ),
    "a comment of one word": (lines("{a} {b}", "#nodes 5"), PLAIN, ["skipped: 1"]),
    "an edge that is commented out": (
        lines("{a},{b},{w}") + "#ann,dan,7\n", WEIGHED, ["skipped: 1"],
    ),
    "row numbers without a header": (
        lines("{i},{a},{b}"), PLAIN, ["columns 2 and 3, which share their ids"]),
    "row numbers with gaps": (
        "Unnamed: 0,drug,protein\n0,d1,p1\n2,d2,p1\n4,d1,p2\n",
        {frozenset(p): 1.0 for p in (("d1", "p1"), ("d2", "p1"), ("d1", "p2"))}, ["row numbers"],
    ),
    "two columns of row numbers": (
        lines("{i},{i},{a},{b}", "Unnamed: 0.1,Unnamed: 0,who,whom"), PLAIN, ["column 2 holds row"],
    ),
    "a relation between the ends": (lines("{a} pp {b}"), PLAIN, ["columns 1 and 3"]),
    "counts before the ends": (lines("   {w} {a} {b}"), PLAIN, ["`weight` 1 takes it"]),
    "times before the ends": (lines("{i}20,{a},{b}", "t,person,contact"), PLAIN, ["contact"]),
    "times among the ends": (
        lines("{a},{b},128339116{i},128339117{i}", "user1,user2,start,end"), PLAIN,
        ["columns 'user1' and 'user2'"]),
    "years among the ends": (
        lines("{a},{b},199{i},200{i}", "person_a,person_b,from,to"), PLAIN, ["'person_a'"]),
    "types among the ends": (
        lines("x,y,{a},{b},{w}", "source_type,target_type,source_id,target_id,weight"), WEIGHED,
        ["'source_id' and 'target_id'"]),
    "times with fractions": (lines("{a} {b} 128339116{i}.25"), PLAIN, ["times in seconds"]),
    "dates as numbers": (lines("{a} {b} 2020011{i}"), PLAIN, ["dates"]),
    "times by a name of weights": (
        lines("{a},{b},128339116{i}", "from,to,count"), PLAIN, ["'count'"],
    ),
    "an account": (lines("{a},{b},{i}", "source,target,account"), PLAIN, ["'account'"]),
    "a third column that pandas numbers": (lines("{a},{b},{w}", "0,1,2"), WEIGHED, ["header"]),
    "a third column that R numbers": (lines("{a},{b},{w}", "V1,V2,V3"), WEIGHED, ["'V3'"]),
    "joined files": (lines("{a},{b}", "from,to") + "from,to\nbob,dan\n",
                     PLAIN | {frozenset(("bob", "dan")): 1.0}, ["header lines among the edges"]),
    "a first line of counts": (
        lines("{i} 1{i}", "20 6"), {frozenset((str(i), f"1{i}")): 1.0 for i in range(6)},
        ["counts vertices and edges: 20 6"]),
    "names with commas": (lines("{a},J {b},A"), {
        frozenset((f"{a},J", f"{b},A")): 1.0 for a, b in PAIRS}, []),
    "numpy's numbers": (lines("{a} {b} {{'weight': np.float64({w}), 'k': nan}}"), WEIGHED, []),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_what_other_programs_write(tmp_path, case):
    text, edges, words = FILES[case]
    graph = read_graph(write(tmp_path, "g.txt", text))
    assert edges_of(graph) == edges
    assert set(graph.ids) == {name for pair in edges for name in pair}
    for word in words:
        assert word in said(graph)


NAMED = "who,whom,how much,n1,n2\nann,bob,2,x,y\nbob,cy,3,y,z\ncy,dan,4,z,x\n"


@pytest.mark.parametrize(
    ("options", "edges"),
    [
        (
            {"source": "who", "target": "whom"},
            [("ann", "bob", 1), ("bob", "cy", 1), ("cy", "dan", 1)],
        ),
        (
            {"source": "who", "target": "WHOM", "weight": "how much"},
            [("ann", "bob", 2), ("bob", "cy", 3), ("cy", "dan", 4)],
        ),
        ({"weight": "none"}, [("x", "y", 1), ("y", "z", 1), ("z", "x", 1)]),
        ({"source": "5", "target": "1"}, [("y", "ann", 1), ("z", "bob", 1), ("x", "cy", 1)]),
        ({"weight": "3"}, [("x", "y", 2), ("y", "z", 3), ("z", "x", 4)]),
    ],
)
def test_columns_that_a_user_names(tmp_path, options, edges):
    graph = read_graph(write(tmp_path, "g.csv", NAMED), **options)
    assert edges_of(graph) == {frozenset(pair[:2]): float(pair[2]) for pair in edges}


def test_a_weight_that_is_not_wanted_is_none_where_attributes_are_kept(tmp_path):
    path = write(tmp_path, "g.csv", "from,to,weight\na,b,2\nb,c,heavy\n")
    graph = read_graph(path, weight="none", keep_attributes=True)
    assert sorted(edges_of(graph).values()) == [1.0, 1.0]
    assert graph.origin.edge_attributes["weight"].texts() == ["2", "heavy"]


def test_numbers_name_columns_where_there_is_no_header(tmp_path):
    path = write(tmp_path, "g.txt", "7 a b 3\n8 b c 4\n9 c a 5\n")
    with pytest.raises(InputError, match=r"line 1: 4 columns; .*`source`, `target`"):
        read_graph(path)
    graph = read_graph(path, source="2", target="3", weight="4")
    assert sorted(edges_of(graph).values()) == [3.0, 4.0, 5.0]
    assert "'column 1'" in said(graph)


def test_a_first_line_that_may_be_an_edge_is_one_and_is_said(tmp_path):
    graph = read_graph(write(tmp_path, "g.csv", "a,b\nc,d\ne,f\ne,g\n"))
    assert graph.num_vertices == 7
    assert "'a' and 'b', is read as an edge" in said(graph)


@pytest.mark.parametrize("ids", ["node", "gene", "v"])
def test_ids_that_are_called_as_columns_are_stay_ids(tmp_path, ids):
    text = "".join(f"{ids}{i},{ids}{i % 5 + 1}\n" for i in range(1, 6)).replace(
        f"{ids}1,{ids}2", f"{ids}1,{ids}2", 1
    )
    graph = read_graph(write(tmp_path, "g.csv", text))
    assert sorted(graph.ids) == [f"{ids}{i}" for i in range(1, 6)]
    assert graph.num_edges == 5


def test_an_edge_of_ids_as_columns_are_called_stays_one(tmp_path):
    text = "gene10,gene11\n" + "".join(f"gene{i},gene{i % 5 + 1}\n" for i in range(1, 6))
    graph = read_graph(write(tmp_path, "g.csv", text))
    assert {"gene10", "gene11"} <= set(graph.ids)
    assert graph.num_edges == 6
    assert "'gene10' and 'gene11', is read as an edge" in said(graph)


def test_sides_of_a_bipartite_graph_are_apart(tmp_path):
    text = "% bip unweighted\n% 3 2 2\n1\t1\n1\t2\n2\t2\n"
    graph = read_graph(write(tmp_path, "out.rated", text))
    assert graph.ids.tolist() == ["left:1", "right:1", "right:2", "left:2"]
    assert graph.num_edges == 3
    assert "kept apart" in said(graph)


def test_columns_of_other_things_share_their_ids_and_that_is_said(tmp_path):
    graph = read_graph(write(tmp_path, "g.csv", "customer,product\n1,1\n1,2\n2,3\n"))
    assert "columns 'customer' and 'product'; an id that is in both is one vertex" in said(graph)


FAULTS = {
    "tabs and blanks, unclear": ("1\t2 3\n2\t3\n3\t1 4\n", ["line 2", "tabs and blanks are mixed"]),
    "a blank among numbers far below": (
        "".join(f"{i}\t{i + 1}\n" for i in range(150)) + "3\t4 5\n",
        ["line 151", "'4 5' holds two numbers"],
    ),
    "times of contacts first": (
        "".join(f"{20 * (i // 2)} {1 + i % 7} {1 + (i * 3 + 2) % 7}\n" for i in range(40)),
        ["column 1 rises", "`source` 2 `target` 3", "in a header"],
    ),
    "a weight that is missing": ("a b 1\nb c NA\nc a 2\n", ["line 2", "'NA'", "`weight` none"]),
    "a column weight of text": ("source,target,weight\na,b,x\nb,c,y\n", ["line 2", "'x'"]),
    "decimal commas in some": ("a;b;0,5\nb;c;1.5\nc;a;2\n", ["line 1", "'0,5'", "in all lines"]),
    "a quote without end": ('"a" "b"\n"b "c"\n', ["line"]),
    "a dictionary that is none": ("a b {'w': 1}\nb c {x}\n", ["line 2", "dictionary"]),
    "ids that are lacking": ("a b {'w': 1}\nb {}\n", ["line 2", "1 ids"]),
    "thousands": ('a,b,"1,234"\nb,c,950\nc,a,"2,100"\n', ["line 1", "'1,234'", "1234, not 1,234"]),
    "row numbers or ends": (
        "1 0 2\n2 0 1\n3 1 3\n4 2 1\n",
        ["column 1 counts", "`source` 2", "in a header"],
    ),
    "a header that is too long": ("source,target,weight,note\na,b,1\nb,c,2\nc,a,1\n", ["line 1"]),
    "a header that is too short": ("x\n1 2 4\n2 3 1\n", ["line"]),
    "no name for the ids": ("child,parent\nc1,c0,0.5\nc2,c0,0.7\nc3,c1,0.9\n", ["columns"]),
    "an adjacency list": ("a b c\nb c\nc a b d\n", ["columns where the first line has"]),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_not_clear_is_refused_by_line(tmp_path, case):
    text, words = FAULTS[case]
    with pytest.raises(InputError) as caught:
        read_graph(write(tmp_path, "g.txt", text))
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"weight": "wieght"}, ["`weight`", "Did you mean 'weight'"]),
        ({"source": "x"}, ["`source`", "'x'"]),
        ({"source": "from", "target": "from"}, ["same column"]),
        ({"id_attr": "name"}, ["`id_attr`", "no vertex attributes"]),
        ({"feature_attrs": "all"}, ["`feature_attrs`", "`features`"]),
    ],
)
def test_names_that_are_not_there(tmp_path, options, words):
    path = write(tmp_path, "g.csv", "from,to,weight\na,b,1\nb,c,2\n")
    with pytest.raises(TvgnnError) as caught:
        read_graph(path, **options)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", " "])
@pytest.mark.parametrize("padded", [False, True])
def test_the_fast_way_and_the_slow_way_read_the_same(tmp_path, monkeypatch, delimiter, padded):
    """Numbers, text and weights, by pyarrow's parser and line by line."""
    from tvgnn_cli.io.delimited import Delimited

    random = np.random.default_rng(0)
    tail, head = random.integers(0, 40, (2, 200))
    rows = [
        f"{a}{delimiter}{'0' * padded}{b}{delimiter}{w:.3f}"
        for a, b, w in zip(tail, head, random.random(200), strict=True)
    ]
    path = write(tmp_path, "g.txt", "\n".join(rows) + "\n")
    fast = read_graph(path)
    monkeypatch.setattr(Delimited, "_parsed", lambda *_: None)
    slow = read_graph(path)
    assert fast.ids.tolist() == slow.ids.tolist()
    assert np.array_equal(fast.edge_index, slow.edge_index)
    assert np.array_equal(fast.weights, slow.weights)


@pytest.mark.parametrize("around", ["{} ", " {}", "\u00a0{}", '"{} "', "{}\x1f"])
def test_blanks_around_an_id_are_no_part_of_it(tmp_path, around):
    row = f"{around.format('{a}')},{around.format('{b}')}"
    assert edges_of(read_graph(write(tmp_path, "g.csv", lines(row)))) == PLAIN


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_text_of_excel_is_read(tmp_path, encoding):
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    (tmp_path / "g.txt").write_bytes((mark + lines("é{a}\té{b}")).encode(encoding))
    assert edges_of(read_graph(tmp_path / "g.txt")) == {
        frozenset("é" + name for name in pair): 1.0 for pair in PAIRS
    }


@pytest.mark.parametrize("most", [3, 30, 400])
def test_sorted_edges_with_whole_weights_are_no_times(tmp_path, most):
    random = np.random.default_rng(0)
    rows = np.unique(random.integers(1, 31, (80, 2)), axis=0)
    weights = random.integers(1, most, len(rows))
    text = "".join(f"{a} {b} {w}\n" for (a, b), w in zip(rows, weights, strict=True))
    assert read_graph(write(tmp_path, "g.txt", text)).edge_weight is not None


def test_numbers_keep_the_text_that_they_are(tmp_path):
    for numbers in (["7", "007"], ["1", "+1"], ["0", "-0"], ["1", "1.0"], ["10", "010"]):
        text = f"{numbers[0]} 5\n5 6\n6 {numbers[1]}\n"
        assert set(read_graph(write(tmp_path, "g.txt", text)).ids) == {*numbers, "5", "6"}


def test_a_padded_number_far_below_is_another_id(tmp_path):
    lines_above = "".join(f"{i} {i + 1}\n" for i in range(1, 60))
    for padded in ("007", "+7", "-0"):
        assert padded in read_graph(write(tmp_path, "g.txt", f"{lines_above}7 {padded}\n")).ids


@pytest.mark.parametrize("name", ["N°", "n", "num", "Numéro", "number", "total"])
@pytest.mark.parametrize("place", [0, 2])
def test_columns_that_count_rows_are_no_weights(tmp_path, name, place):
    cells = [[f"{100 + i}", f"{100 + (i + 1) % 12}"] for i in range(12)]
    rows = [["from", "to"], *cells]
    for i, row in enumerate(rows):
        row.insert(place, str(i - 1) if i else name)
        row.append(f"{7 - i % 5}" if i else "Häufigkeit")
    graph = read_graph(write(tmp_path, "e.csv", "\n".join(map(";".join, rows))))
    assert graph.num_edges == 12
    assert "'Häufigkeit'" in said(graph)
    assert set(graph.edge_weight) == {3.0, 4.0, 5.0, 6.0, 7.0}
    alone = "\n".join(";".join(row[:3]) for row in rows)
    graph = read_graph(write(tmp_path, "f.csv", alone))
    assert graph.edge_weight is None
    assert graph.num_edges == 12


@pytest.mark.parametrize(
    "row", ["{a}-{b},{w}", "\"('{a}', '{b}')\",{w}", "{i},{w}", "{w}\t{a}", "{a} {w} M{b}"]
)
@pytest.mark.parametrize("head", [(), ("pair,value",)])
def test_values_are_no_ends(tmp_path, row, head):
    head = tuple(line.replace(",", "\t" if "\t" in row else ",") for line in head)
    text = lines(row, *(head if row.count(" ") != 2 else ()))
    path = write(tmp_path, "e.csv", text)
    with pytest.raises(InputError, match=r"line 1: column \d holds numbers with fractions"):
        read_graph(path)
    assert read_graph(path, source="1", target="2").num_edges >= 6


def test_counts_of_vertices_and_edges_above_weights(tmp_path):
    rows = "".join(f"{5 * i % 12} {(5 * i + 1) % 12} {1 + i % 3}\n" for i in range(12))
    for first in ("12 12 1", "20 12 2", "12 12"):
        graph = read_graph(write(tmp_path, "e.txt", f"{first}\n{rows}"))
        assert graph.num_edges == 12
        assert f"counts vertices and edges: {first}" in said(graph)


@pytest.mark.parametrize("mark", [" ", ",", ", ", "\t", ";"])
def test_ids_before_a_dictionary_may_hold_other_marks(tmp_path, mark):
    inner = ";" if mark.strip() == "," else ","
    row = mark.join([f"{{a}}{inner}J", "{b}", "{{'weight': {w}}}"])
    assert edges_of(read_graph(write(tmp_path, "g.txt", lines(row)))) == {
        frozenset((f"{a}{inner}J", b)): i + 0.5 for i, (a, b) in enumerate(PAIRS)
    }
