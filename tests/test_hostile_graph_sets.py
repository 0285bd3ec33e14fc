"""Sets of graphs that are none: one clear line, the right error, and nothing of other folders."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle

import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp
from torch import tensor
from torch_geometric.data import Batch, Data
from torch_geometric.loader import DataLoader

from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.io.graph_sets.read import read_graph_set

TU = {"DS_A.txt": "1, 2\n2, 1\n3, 4\n", "DS_graph_indicator.txt": "1\n1\n2\n2\n"}
LABELLED = {**TU, "DS_graph_labels.txt": "-1\n1\n"}
PAIR = "source,target\na,b\nb,c\n"
FILES = {"g/one.csv": PAIR, "g/two.csv": PAIR}
META = """dataset_name: toy
edge_data:
- file_name: edges.csv
node_data:
- file_name: nodes.csv
graph_data:
  file_name: graphs.csv
"""
DGL = {
    "meta.yaml": META,
    "nodes.csv": 'graph_id,node_id,feat\n0,0,"1,2"\n0,1,"3,4"\n1,0,"5,6"\n',
    "edges.csv": "graph_id,src_id,dst_id\n0,0,1\n",
    "graphs.csv": "graph_id,label\n0,a\n1,b\n",
}


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def parquet(*rows):
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), buffer)
    return buffer.getvalue()


def lines(*rows):
    return "\n".join(json.dumps(row) for row in rows) + "\n"


def graphml(attributes, value="1.5"):
    keys = "".join(
        f'<key id="{n}" for="node" attr.name="{n}" attr.type="double"/>' for n in attributes
    )
    data = "".join(f'<data key="{n}">{value}</data>' for n in attributes)
    nodes = "".join(f'<node id="{i}">{data}</node>' for i in range(2))
    edge = '<edge source="0" target="1"/>'
    return f'<graphml>{keys}<graph edgedefault="undirected">{nodes}{edge}</graph></graphml>'


EDGES = [[0, 1, 2], [1, 2, 3]]
ROW = {"edge_index": EDGES, "num_nodes": 4, "y": 1}
BATCH = np.array([0, 0, 1, 1])
INDEX = np.array([[0, 2, 2], [1, 3, 3]])
NPZ = {"edge_index": INDEX, "batch": BATCH}

# name of the case: (files, what is read, options, error, words of the message)
TU_CASES = {
    "an edge between two graphs": (
        {**TU, "DS_A.txt": "1, 2\n2, 3\n"}, ".", {}, ["DS_A.txt: line 2", "between two graphs"],
    ),
    "a vertex that runs over": (
        {**TU, "DS_A.txt": "1, 2\n\n3, 5\n"}, ".", {}, ["DS_A.txt: line 3", "vertex 5", "1 to 4"],
    ),
    "a vertex 0": ({**TU, "DS_A.txt": "0, 1\n"}, ".", {}, ["line 1", "vertex 0", "1 to 4"]),
    "one end": ({**TU, "DS_A.txt": "1, 2\n3\n"}, ".", {}, ["line 2", "1 values, not 2"]),
    "three ends": ({**TU, "DS_A.txt": "1, 2, 3\n"}, ".", {}, ["line 1", "3 values, not 2"]),
    "an end that is a word": ({**TU, "DS_A.txt": "1, 2\n3, x\n"}, ".", {}, ["line 2", "'x'"]),
    "an end that is no int64": (
        {**TU, "DS_A.txt": f"1, {'9' * 30}\n"}, ".", {}, ["line 1", "is not a whole number"],
    ),
    "edges that are binary": (
        {**TU, "DS_A.txt": bytes(range(256)) * 3}, ".", {}, ["DS_A.txt: line 1"],
    ),
    "no indicator": ({"DS_A.txt": "1, 2\n"}, ".", {}, ["no DS_graph_indicator.txt"]),
    "an empty indicator": (
        {**TU, "DS_graph_indicator.txt": "\n"}, ".", {}, ["DS_graph_indicator.txt", "no vertices"],
    ),
    "a graph 0": (
        {**TU, "DS_graph_indicator.txt": "0\n0\n1\n1\n"}, ".", {}, ["line 1", "graph 0", "from 1"],
    ),
    "a graph of a large number": (
        {**TU, "DS_graph_indicator.txt": "1\n1\n2\n99999999999\n"}, ".", {},
        ["line 4", "99999999999"],
    ),
    "an indicator of two columns": (
        {**TU, "DS_graph_indicator.txt": "1,1\n1,1\n"}, ".", {}, ["line 1", "2 values, not 1"],
    ),
    "an indicator shorter than the labels": (
        {**LABELLED, "DS_graph_labels.txt": "1\n-1\n1\n"}, ".", {},
        ["DS_graph_labels.txt: 3 labels", "1 to 2"],
    ),
    "fewer labels than graphs": (
        {**LABELLED, "DS_graph_labels.txt": "1\n"}, ".", {}, ["1 labels", "a label for each"],
    ),
    "labels of several columns": (
        {**LABELLED, "DS_graph_labels.txt": "1, 0\n0, 1\n"}, ".", {},
        ["DS_graph_labels.txt: line 1: 2 labels for a graph"],
    ),
    "more vertex labels than vertices": (
        {**TU, "DS_node_labels.txt": "1\n" * 5}, ".", {}, ["5 lines for 4 vertices"],
    ),
    "ragged vertex labels": (
        {**TU, "DS_node_labels.txt": "1, 2\n1, 2\n1\n1, 2\n"}, ".", {}, ["line 3", "1 values"],
    ),
    "ragged attributes": (
        {**TU, "DS_node_attributes.txt": "1, 2\n1\n1, 2\n1, 2\n"}, ".", {},
        ["DS_node_attributes.txt: line 2: 1 values, not 2"],
    ),
    "attributes that are no numbers": (
        {**TU, "DS_node_attributes.txt": "1\n2\nred\n4\n"}, ".", {}, ["line 3", "'red'"],
    ),
    "attributes that are NaN": (
        {**TU, "DS_node_attributes.txt": "1\n2\nnan\n4\n"}, ".", {}, ["line 3", "nan", "finite"],
    ),
    "attributes beyond float32": (
        {**TU, "DS_node_attributes.txt": "1\n1e39\n3\n4\n"}, ".", {}, ["line 2", "1e+39"],
    ),
    "attributes of fewer vertices": (
        {**TU, "DS_node_attributes.txt": "1\n2\n"}, ".", {}, ["2 lines for 4 vertices"],
    ),
    "negative weights": (
        {**TU, "DS_edge_attributes.txt": "1\n-2\n1\n"}, ".", {"weight": "edge_attributes"},
        ["DS_edge_attributes.txt: line 2", "weight -2", "at least 0"],
    ),
    "fewer weights than edges": (
        {**TU, "DS_edge_attributes.txt": "1\n"}, ".", {"weight": "1"}, ["1 lines for 3 edges"],
    ),
    "a weight of several columns": (
        {**TU, "DS_edge_attributes.txt": "1, 2\n" * 3}, ".", {"weight": "edge_attributes"},
        ["2 columns", "the number of one"],
    ),
    "a column of weights that is not there": (
        {**TU, "DS_edge_attributes.txt": "1\n" * 3}, ".", {"weight": "2"}, ["has no column 2"],
    ),
    "no edge attributes": (TU, ".", {"weight": "1"}, ["has no DS_edge_attributes.txt"]),
    "two data sets": ({**TU, "EM_A.txt": "1, 2\n"}, ".", {}, ["several data sets", "DS_A.txt"]),
    "no cleaned form": ({f"raw/{n}": t for n, t in TU.items()}, ".", {"cleaned": True},
                        ["has no raw_cleaned", "`cleaned`"]),
    "a folder for a file": (
        {**TU, "DS_node_labels.txt/x": "1"}, ".", {}, None,
    ),
    "a data set that is not there": (
        {}, "tu:NOWHERE", {"offline": True},
        ["NOWHERE: offline", "NOWHERE_A.txt, NOWHERE_graph_indicator.txt", "TUDataset/NOWHERE/raw"],
    ),
    "a data set with half of its files": (
        {"TUDataset/MUTAG/raw_cleaned/MUTAG_A.txt": "1, 2\n"}, "mutag",
        {"offline": True, "cleaned": True}, ["missing: MUTAG_graph_indicator.txt", "raw_cleaned"],
    ),
    "a name that climbs": ({}, "tu:../x", {"offline": True}, ["is no name of a TU data set"]),
    "a misspelt name": ({}, "PROTEIN", {"offline": True}, ["Did you mean 'PROTEINS'?"]),
}  # fmt: skip

FILE_CASES = {
    "an empty folder": ({"g/.hidden": ""}, "g", {}, ["g: holds no graph files"]),
    "nothing but text": ({"g/README.txt": "a b"}, "g", {}, ["holds no graph files"]),
    "a table of another name": (
        {**FILES, "g/classes.csv": "Graph,Label\none.csv,1\n"}, "g", {},
        ["g/classes.csv: line 1", "`labels`"],
    ),
    "two tables": (
        {**FILES, "g/labels.csv": "graph,label\none.csv,1\n", "g/labels.tsv": "graph\tlabel\n"},
        "g", {}, ["labels.csv and labels.tsv", "`labels`"],
    ),
    "a table without graphs": (
        {**FILES, "g/labels.csv": "file,label\none.csv,1\n"}, "g", {},
        ["labels.csv: line 1: needs a column named 'graph'", "'file'"],
    ),
    "a table without a header": (
        {**FILES, "g/labels.csv": "one.csv,1\ntwo.csv,2\n"}, "g", {}, ["line 1: needs a column"],
    ),
    "classes under another name": (
        {**FILES, "g/labels.csv": "graph,class\none.csv,1\n"}, "g", {},
        ["line 1", "named 'label', not 'class'"],
    ),
    "two columns of one name": (
        {**FILES, "g/labels.csv": "graph,label,Label\none.csv,1,2\n"}, "g", {}, ["two columns"],
    ),
    "blank lines before the header": (
        {**FILES, "g/labels.csv": "\n\ngraph,label\n\nthree.csv,1\n"}, "g", {}, ["csv: line 5"],
    ),
    "a quoted cell of two lines": (
        {**FILES, "g/labels.csv": 'graph,label\none.csv,"a\nb"\nx.csv,1\n'}, "g", {},
        ["csv: line 4"],
    ),
    "a header alone": ({**FILES, "g/labels.csv": "graph,label\n"}, "g", {}, ["no rows"]),
    "a ragged table": (
        {**FILES, "g/labels.csv": "graph,label\none.csv,1\ntwo.csv\n"}, "g", {},
        ["labels.csv: line 3: 1 cells"],
    ),
    "a table that is empty": ({**FILES, "g/labels.csv": ""}, "g", {}, ["file is empty"]),
    "a table that is binary": ({**FILES, "g/labels.csv": b"a\0b\n"}, "g", {}, ["binary"]),
    "a table that is not UTF-8": (
        {**FILES, "g/labels.csv": b"graph,label\none.csv,\xe9\n"}, "g", {}, ["line 2", "UTF-8"],
    ),
    "a graph listed twice": (
        {**FILES, "g/labels.csv": "graph,label\none.csv,1\n\none.csv,2\n"}, "g", {},
        ["labels.csv: line 4", "'one.csv'", "twice", "line 2"],
    ),
    "a graph listed twice in two ways": (
        {**FILES, "g/labels.csv": "graph,label\none.csv,1\n./one.csv,2\n"}, "g", {},
        ["line 3", "'./one.csv'", "twice"],
    ),
    "a file that is missing": (
        {**FILES, "g/labels.csv": "graph,label\none.csv,1\nthree.csv,2\n"}, "g", {},
        ["labels.csv: line 3: no such file: 'three.csv'"],
    ),
    "a data set for a file": (
        {**FILES, "g/labels.csv": "graph,label\nCora,1\n"}, "g", {}, ["no such file: 'Cora'"],
    ),
    "standard input for a file": (
        {**FILES, "g/labels.csv": "graph,label\n-,1\n"}, "g", {}, ["no such file: '-'"],
    ),
    "a path of a thousand letters": (
        {**FILES, "g/labels.csv": f"graph,label\n{'x' * 1000},1\n"}, "g", {}, ["no such file"],
    ),
    "a folder for a graph": (
        {**FILES, "g/sub/x": "", "g/labels.csv": "graph,label\nsub,1\n"}, "g", {}, ["no such file"],
    ),
    "no name": (
        {**FILES, "g/labels.csv": "graph,label\n,1\n"}, "g", {}, ["line 2: names no graph"],
    ),
    "a part that is none": (
        {**FILES, "g/labels.csv": "graph,label,split\none.csv,1,fold1\n"}, "g", {},
        ["line 2: split is 'fold1'", "train, validation, test"],
    ),
    "ragged features": (
        {"g/a.graphml": graphml(["mass", "charge"]), "g/b.graphml": graphml(["mass"])}, "g", {},
        ["b.graphml: vertex features mass, but", "a.graphml has mass, charge"],
    ),
    "infinite features": (
        {"g/a.graphml": graphml(["mass"], "inf")}, "g", {}, ["a.graphml: vertex '0'", "inf"],
    ),
    "a graph that is broken": (
        {**FILES, "g/x.graphml": graphml(["m"])[:-20]}, "g", {}, ["x.graphml", "line"],
    ),
    "a graph of negative weights": (
        {"g/a.csv": "a,b,1\nb,c,-2\n"}, "g", {}, ["a.csv", "line 2", "-2"],
    ),
    "a weight that is not there": (
        {"g/a.csv": "source,target,w\na,b,1\n"}, "g", {"weight": "cost"}, ["'cost'", "`weight`"],
    ),
    "a table that is missing": (FILES, "g", {"labels": "t.csv"}, ["t.csv: no such file"]),
    "one graph": (FILES, "g/one.csv", {}, ["one.csv: line 1: needs a column named 'graph'"]),
    "one graph of another form": (
        {"a.graphml": graphml(["m"])}, "a.graphml", {}, [".graphml file is one graph"],
    ),
    "a form that is none": ({"a.json": "{}"}, "a.json", {}, ["a.json: a .json file is one"]),
    "nothing of that name": ({}, "nowhere/at/all", {}, ["no such file, folder or data set"]),
    "a name of a thousand letters": ({}, "x" * 1000, {}, ["no such file, folder or data set"]),
    "no name at all": ({}, "", {}, ["name"]),
    "a name of two lines": ({}, "a\nb", {}, ["name"]),
    "standard input": ({}, "-", {}, ["is a stream"]),
}  # fmt: skip


def dgl(**changed):
    return {**DGL, **{name.replace("_csv", ".csv"): text for name, text in changed.items()}}


DGL_CASES = {
    "YAML that is not read": (
        {**DGL, "meta.yaml": META + "transform: &a [x]\n"}, ".", {}, ["meta.yaml: line 8"],
    ),
    "YAML of another key": ({**DGL, "meta.yaml": "name: x\n"}, ".", {}, ["line 1", "'name'"]),
    "YAML that runs code": (
        {**DGL, "meta.yaml": "!!python/object/apply:os.system ['x']\n"}, ".", {}, ["line 1"],
    ),
    "several kinds of vertices": (
        {**DGL, "meta.yaml": META.replace("node_data:\n", "node_data:\n- file_name: n.csv\n")},
        ".", {}, ["node_data has 2 files"],
    ),
    "no edges named": (
        {**DGL, "meta.yaml": "node_data:\n- file_name: nodes.csv\n"}, ".", {}, ["edge_data"],
    ),
    "a file of an odd name": (
        {**DGL, "meta.yaml": META.replace("edges.csv", "e\x07\x1b[1m.csv")}, ".", {}, ["no such"],
    ),
    "a table that is not there": (
        {**DGL, "meta.yaml": META.replace("edges.csv", "e.csv")}, ".", {}, ["e.csv: no such file"],
    ),
    "an edge to another graph": (
        dgl(edges_csv="graph_id,src_id,dst_id\n1,0,1\n"), ".", {},
        ["edges.csv: line 2: dst_id '1' is no vertex of graph '1'"],
    ),
    "an unknown vertex": (
        dgl(edges_csv="graph_id,src_id,dst_id\n0,0,1\n0,7,0\n"), ".", {}, ["line 3", "'7'"],
    ),
    "an edge of an unknown graph": (
        dgl(edges_csv="graph_id,src_id,dst_id\n9,0,1\n"), ".", {}, ["line 2", "graph '9'"],
    ),
    "a vertex of an unknown graph": (
        dgl(nodes_csv="graph_id,node_id\n0,0\n0,1\n2,0\n"), ".", {},
        ["nodes.csv: line 4: there is no graph '2'"],
    ),
    "a vertex listed twice": (
        dgl(nodes_csv="graph_id,node_id\n0,0\n0,1\n0,0\n"), ".", {}, ["line 4", "listed twice"],
    ),
    "a graph listed twice": (
        dgl(graphs_csv="graph_id,label\n0,a\n1,b\n0,b\n"), ".", {}, ["graphs.csv: line 4", "twice"],
    ),
    "features of other lengths": (
        dgl(nodes_csv='graph_id,node_id,feat\n0,0,"1,2"\n0,1,"1"\n'), ".", {},
        ["nodes.csv: line 3: feat has 1 values, but 2"],
    ),
    "features that are no numbers": (
        dgl(nodes_csv='graph_id,node_id,feat\n0,0,"1,2"\n0,1,"1,x"\n'), ".", {}, ["line 3", "'x'"],
    ),
    "features that are infinite": (
        dgl(nodes_csv='graph_id,node_id,feat\n0,0,"1,2"\n0,1,"1,inf"\n'), ".", {},
        ["line 3", "inf", "finite"],
    ),
    "negative DGL weights": (
        dgl(edges_csv="graph_id,src_id,dst_id,weight\n0,0,1,-1\n"), ".", {}, ["line 2", "-1"],
    ),
    "weights that are words": (
        dgl(edges_csv="graph_id,src_id,dst_id,weight\n0,0,1,x\n"), ".", {}, ["line 2", "'x'"],
    ),
    "a graph of two parts": (
        dgl(graphs_csv="graph_id,train_mask,test_mask\n0,1,1\n1,1,0\n"), ".", {},
        ["line 2", "two parts"],
    ),
    "a mask that is none": (
        dgl(graphs_csv="graph_id,train_mask\n0,1\n1,maybe\n"), ".", {}, ["line 3", "'maybe'"],
    ),
    "no id of vertices": (
        dgl(nodes_csv="graph_id,node\n0,0\n"), ".", {}, ["nodes.csv: line 1", "'node_id'"],
    ),
}  # fmt: skip


def rows(*changes, suffix=".jsonl"):
    """A table of as many graphs as changes, each the usual one with those."""
    kept = [{k: v for k, v in {**ROW, **c}.items() if v != "gone"} for c in changes]
    return {"t.jsonl": lines(*kept)}


ROW_CASES = {
    "no JSON": ({"t.jsonl": '{"edge_index": [[0],[1]]}\n{x\n'}, "t.jsonl", {}, ["line 2", "JSON"]),
    "JSON that is deep": ({"t.jsonl": "[" * 99999 + "\n"}, "t.jsonl", {}, ["line 1", "JSON"]),
    "JSON that is no object": ({"t.jsonl": "[1]\n"}, "t.jsonl", {}, ["line 1: is a list"]),
    "a column of odd marks": (
        {"t.jsonl": lines({"edge\nindex\x07" * 9: 1})}, "t.jsonl", {}, ["no column 'edge_index'"],
    ),
    "no lines": ({"t.jsonl": "\n"}, "t.jsonl", {}, ["empty"]),
    "no edge_index": ({"t.jsonl": lines({"y": 1})}, "t.jsonl", {}, ["no column 'edge_index'"]),
    "two columns of classes": (rows({"label": 1}), "t.jsonl", {}, ["'y', 'label' mean the same"]),
    "lists of other lengths": (
        rows({"edge_index": [[0, 1], [1]]}), "t.jsonl", {}, ["line 1", "different lengths"],
    ),
    "an odd flat list": (rows({"edge_index": [0, 1, 2]}), "t.jsonl", {}, ["line 1", "shape (3,)"]),
    "three ends of an edge": (
        rows({"edge_index": [[0, 1, 2]] * 3}), "t.jsonl", {}, ["line 1", "shape (3, 3)"],
    ),
    "two shapes": (
        rows({}, {"edge_index": [[0, 1], [1, 2], [2, 3]]}), "t.jsonl", {},
        ["line 2: edge_index is [edges][2], but [2][edges] in line 1"],
    ),
    "ends that are words": (rows({"edge_index": [["a"], ["b"]]}), "t.jsonl", {}, ["whole numbers"]),
    "ends that are fractions": (rows({"edge_index": [[0.5], [1]]}), "t.jsonl", {}, ["line 1"]),
    "ends that are infinite": (
        {"t.jsonl": '{"edge_index": [[Infinity],[1]]}\n'}, "t.jsonl", {}, ["whole numbers"],
    ),
    "ends that are missing": (rows({"edge_index": [[None], [1]]}), "t.jsonl", {}, ["line 1"]),
    "an end below 0": (rows({"edge_index": [[-1, 0, 1], [1, 2, 3]]}), "t.jsonl", {}, ["vertex -1"]),
    "an end that runs over": (rows({}, {"num_nodes": 3}), "t.jsonl", {}, ["line 2", "vertex 3"]),
    "an end of a large number": (
        rows({"edge_index": [[0], [10**15]], "num_nodes": "gone"}), "t.jsonl", {}, ["line 1"],
    ),
    "num_nodes that is large": (rows({"num_nodes": 10**12}), "t.jsonl", {}, ["1000000000000"]),
    "num_nodes that is a word": (rows({"num_nodes": "four"}), "t.jsonl", {}, ["is 'four'"]),
    "num_nodes below 0": (rows({"num_nodes": -1}), "t.jsonl", {}, ["num_nodes is '-1'"]),
    "features of fewer vertices": (
        rows({"x": [[1.0], [2.0]]}), "t.jsonl", {}, ["num_nodes is 4", "of 2 vertices"],
    ),
    "features and labels of other lengths": (
        rows({"x": [[1.5]] * 4, "node_labels": [1] * 3}), "t.jsonl", {}, ["line 1", "x has 4"],
    ),
    "ragged rows": (
        rows({"x": [[1.5]] * 4}, {"x": [[1.5, 2.5]] * 4}), "t.jsonl", {},
        ["line 2: x has 2 columns, but 1 in line 1"],
    ),
    "ragged in one row": (rows({"x": [[1.5], [1.5, 2], [1], [1]]}), "t.jsonl", {}, ["lengths"]),
    "features of some": (rows({"x": [[1.5]] * 4}, {}), "t.jsonl", {}, ["line 2", "no value"]),
    "features that are words": (
        rows({"x": [[0.5], [1], ["a"], [2]]}), "t.jsonl", {},
        ["line 1: x is not of numbers: vertex 2 has 'a'"],
    ),
    "a feature that is missing": (
        rows({"x": [[0.5], [1], [2], [None]]}), "t.jsonl", {}, ["of numbers: vertex 3 has 'None'"],
    ),
    "a label of a vertex that is missing": (
        rows({"node_labels": ["C", None, "O", "C"]}), "t.jsonl", {},
        ["line 1: node_labels is not of whole numbers or words: vertex 1 has 'None'"],
    ),
    "labels of vertices that are fractions": (
        rows({"node_labels": [1.5, 1, 2, 3]}), "t.jsonl", {}, ["words: vertex 0 has '1.5'"],
    ),
    "row weights that are missing": (
        rows({"edge_weight": [1, 2, None]}), "t.jsonl", {}, ["of numbers: edge 3 has 'None'"],
    ),
    "a list of all graphs": (
        {"t.jsonl": json.dumps([ROW, ROW])}, "t.jsonl", {}, ["line 1: is a list", "lines=True"],
    ),
    "lines of JSON under another suffix": (
        {"t.json": lines(ROW)}, "t.json", {}, ["a .json file is one graph", "are .jsonl"],
    ),
    "features that are NaN": (
        {"t.jsonl": '{"edge_index": [[0],[1]], "x": [[1.5],[NaN]]}\n'}, "t.jsonl", {},
        ["line 1: nan is no feature"],
    ),
    "several classes": (rows({"y": [0, 1]}), "t.jsonl", {}, ["y is '[0, 1]'", "one class"]),
    "a class that is a fraction": (rows({"y": 0.5}), "t.jsonl", {}, ["y is 0.5"]),
    "an id twice": (rows({"id": "a"}, {"id": "a"}), "t.jsonl", {}, ["line 2", "'a'", "twice"]),
    "an id that is missing": (rows({"id": "a"}, {}), "t.jsonl", {}, ["line 2: id is 'None'"]),
    "a part unknown": (rows({"split": "x"}), "t.jsonl", {}, ["line 1: split is 'x'"]),
    "negative row weights": (
        rows({"edge_weight": [1, 2, -3]}), "t.jsonl", {}, ["line 1: edge 3: weight -3"],
    ),
    "weights of fewer edges": (
        rows({"edge_weight": [1, 2]}), "t.jsonl", {}, ["edge_weight has shape (2,), not (3,)"],
    ),
    "edge features for weights": (
        rows({"edge_attr": [[1, 2]] * 3}), "t.jsonl", {"weight": "edge_attr"}, ["shape (3, 2)"],
    ),
    "no such weights": (rows({}), "t.jsonl", {"weight": "edge_attr"}, ["no column 'edge_attr'"]),
    "Parquet that is none": ({"t.parquet": b"PAR1 no"}, "t.parquet", {}, ["not a Parquet file"]),
    "Parquet cut off": ({"t.parquet": parquet(ROW)[:-30]}, "t.parquet", {}, ["not a Parquet file"]),
    "Parquet of edges": (
        {"t.parquet": parquet({"source": 1, "target": 2})}, "t.parquet", {}, ["'edge_index'"],
    ),
    "gzip cut off": (
        {"t.jsonl.gz": gzip.compress(lines(ROW).encode())[:-9]}, "t.jsonl.gz", {}, ["gzip"],
    ),
}  # fmt: skip


def arrays(**changed):
    return {"t.npz": npz(**{k: v for k, v in {**NPZ, **changed}.items() if v is not None})}


NPZ_CASES = {
    "no graph of vertices": (arrays(batch=None), "t.npz", {}, ["no array of the graph"]),
    "graphs that are fractions": (arrays(batch=BATCH + 0.5), "t.npz", {}, ["batch has dtype"]),
    "graphs in a matrix": (arrays(batch=np.eye(2, dtype=int)), "t.npz", {}, ["shape (2, 2)"]),
    "no vertices": (arrays(batch=np.zeros(0, int)), "t.npz", {}, ["shape (0,)"]),
    "an edge between": (
        arrays(edge_index=np.array([[0, 1, 2], [1, 2, 3]])), "t.npz", {},
        ["between two graphs", "vertex 1 of graph '0'"],
    ),
    "an edge that runs over": (
        arrays(edge_index=INDEX + 1), "t.npz", {}, ["vertex 4", "0 to 3"],
    ),
    "edges that are words": (arrays(edge_index=INDEX.astype(str)), "t.npz", {}, ["integers"]),
    "no edges at all": (arrays(edge_index=None), "t.npz", {}, ["no edges in the arrays"]),
    "a label too many": (
        arrays(y=np.zeros(3, int)), "t.npz", {}, ["y has shape (3,)", "2 distinct graphs"],
    ),
    "classes that are fractions": (arrays(y=np.array([0.5, 1])), "t.npz", {}, ["y has dtype"]),
    "features of fewer rows": (arrays(x=np.ones((3, 2))), "t.npz", {}, ["x has", "(4, f)"]),
    "features of no matrix": (arrays(x=np.ones(4)), "t.npz", {}, ["shape (4,)"]),
    "NaN features": (arrays(x=np.full((4, 1), np.nan)), "t.npz", {}, ["vertex 0", "finite"]),
    "vertex labels of fewer rows": (arrays(node_labels=np.ones(2, int)), "t.npz", {}, ["(4,)"]),
    "weights below 0": (arrays(edge_weight=np.array([1, -1.0, 1])), "t.npz", {}, ["edge 2", "-1"]),
    "weights of others": (arrays(edge_weight=np.ones(2)), "t.npz", {}, ["shape (2,), not (3,)"]),
    "a matrix of others": (
        arrays(edge_index=None, adj=np.eye(3)), "t.npz", {}, ["t.npz"],
    ),
    "pickles": (arrays(y=np.array([{}, None])), "t.npz", {}, ["pickles are refused"]),
    "a part that is unknown": (arrays(split=np.array(["x", "test"])), "t.npz", {}, ["'x'"]),
    "no archive": ({"t.npz": pickle.dumps(1)}, "t.npz", {}, ["is not an .npz file"]),
    "a damaged archive": ({"t.npz": npz(**NPZ)[:200]}, "t.npz", {}, ["damaged"]),
}  # fmt: skip

LABELS_CASES = {
    "a label for an unknown graph": (
        {**TU, "l.csv": "graph,label\n1,a\n3,b\n"}, ".", {"labels": "l.csv"},
        ["l.csv: line 3: there is no graph '3'", "'1', '2'"],
    ),
    "labels of one graph twice": (
        {**TU, "l.csv": "graph,label\n1,a\n1,a\n"}, ".", {"labels": "l.csv"},
        ["l.csv: line 3", "'1' is listed twice"],
    ),
    "no file of labels": (TU, ".", {"labels": "none.csv"}, ["none.csv: no such file"]),
    "labels that are an archive": (
        {**TU, "l.csv": npz(a=BATCH)}, ".", {"labels": "l.csv"}, ["binary"],
    ),
}  # fmt: skip

USAGE_CASES = {
    "vertex features": (TU, ".", {"vertex_features": "all"}, ["`vertex_features` is 'all'"]),
    "no vertex features": (TU, ".", {"vertex_features": None}, ["`vertex_features`"]),
    "a weight of TU": (TU, ".", {"weight": "length"}, ["`weight`", "edge_attributes"]),
    "a weight that is a number": (TU, ".", {"weight": 1}, ["`weight` is of type int"]),
    "labels that are a list": (TU, ".", {"labels": [1, 2]}, ["`labels` is of type list"]),
    "a cleaned folder": (FILES, "g", {"cleaned": True}, ["`cleaned`"]),
    "a cleaned archive": (arrays(), "t.npz", {"cleaned": True}, ["`cleaned`"]),
    "a weight of arrays": (arrays(), "t.npz", {"weight": "w"}, ["`weight`", "leave it out"]),
    "a weight of rows": (rows({}), "t.jsonl", {"weight": "w"}, ["`weight`", "edge_weight"]),
    "a weight that is an id": (DGL, ".", {"weight": "src_id"}, ["`weight`", "an id"]),
    "two tables of labels": (
        {**FILES, "g/t.csv": "graph,label\none.csv,1\n"}, "g/t.csv", {"labels": "g/t.csv"},
        ["`labels`", "leave it out"],
    ),
}  # fmt: skip

CASES = {
    **TU_CASES, **FILE_CASES, **DGL_CASES, **ROW_CASES, **NPZ_CASES, **LABELS_CASES,
}  # fmt: skip


def check(tmp_path, monkeypatch, case, error):
    files, name, options, words = case
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.chdir(tmp_path)
    if words is None:
        read_graph_set(name, **options)
        return
    with pytest.raises(error) as raised:
        read_graph_set(name, data_root="", **options)
    message = str(raised.value)
    assert type(raised.value) is error
    assert message.isprintable()
    assert len(message) < 300, message
    assert str(tmp_path) not in message
    assert "--" not in message
    for word in words:
        assert word in message, message


@pytest.mark.parametrize("case", CASES)
def test_what_is_no_set_of_graphs(tmp_path, monkeypatch, case):
    check(tmp_path, monkeypatch, CASES[case], InputError)


@pytest.mark.parametrize("case", USAGE_CASES)
def test_options_that_are_none(tmp_path, monkeypatch, case):
    check(tmp_path, monkeypatch, USAGE_CASES[case], UsageError)


def data(**changed):
    usual = {"edge_index": [[0], [1]], "x": [[1.0], [2.0]]}
    return Data(
        **{name: tensor(values) for name, values in {**usual, **changed}.items()}, num_nodes=2
    )


OBJECTS = {
    "no graphs": ([], ["list is empty"]),
    "a number": (5, ["builtins.int"]),
    "bytes": (b"a.csv", ["are bytes"]),
    "nothing": (None, ["NoneType"]),
    "one graph": (nx.path_graph(3), ["this is one graph"]),
    "one matrix": (sp.eye_array(3), ["this is one graph"]),
    "a mapping": ({0: {1: {}}, 1: {0: {}}}, ["this is one graph"]),
    "a mapping of graphs": ({"a": nx.path_graph(3)}, ["a dictionary of graphs", "values()"]),
    "a batch": (Batch.from_data_list([data(), data()]), ["graphs: is a batch of 2 graphs"]),
    "batches of a loader": (
        DataLoader([data(), data()], batch_size=2), ["graph 0: is a batch of 2 graphs", "to_data"],
    ),
    "paths": (["a.csv"], ["graph 0: is a str"]),
    "numbers": ([1, 2], ["graph 0: is of type builtins.int"]),
    "a matrix that is not square": ([sp.coo_array((2, 3))], ["graph 0", "not square"]),
    "a matrix below 0": ([-sp.eye_array(3, k=1)], ["graph 0", "weight -1"]),
    "an end of no vertex": ([data(edge_index=[[0], [5]])], ["graph 0", "vertex 5", "0 to 1"]),
    "edges that are fractions": ([data(edge_index=[[0.5], [1]])], ["graph 0", "whole numbers"]),
    "edges of one row": ([data(edge_index=[[0, 1]])], ["graph 0", "(2, edges)"]),
    "edges of one dimension": ([data(edge_index=[0, 1])], ["graph 0", "shape (2,)"]),
    "features of fewer vertices": ([data(x=[[1.0]])], ["graph 0: x has 1 rows for 2"]),
    "features of one dimension": ([data(x=[1.0, 2.0])], ["graph 0: x has shape (2,)"]),
    "features that are NaN": ([data(x=[[1.0], [np.nan]])], ["graph 0", "not finite"]),
    "features that differ": (
        [data(), data(x=[[1.0, 2.0]] * 2)], ["graph 1: vertex features 1, 2, but graph 0 has 1"],
    ),
    "weights of other edges": ([data(edge_weight=[1.0, 2.0])], ["edge_weight has 2 values"]),
    "weights that are negative": ([data(edge_weight=[-1.0])], ["graph 0", "weight -1"]),
    "features that are a list": ([Data(edge_index=tensor([[0], [1]]), x=[1])], ["graph 0"]),
    "two classes": ([nx.Graph(label=[1, 2])], ["graph 0", "type list"]),
    "a class that is a fraction": ([nx.Graph(y=0.5)], ["graph 0: its class is 0.5"]),
}  # fmt: skip


@pytest.mark.parametrize("case", OBJECTS)
def test_objects_that_are_no_set(case):
    given, words = OBJECTS[case]
    with pytest.raises(InputError) as raised:
        read_graph_set(given)
    assert "\n" not in str(raised.value)
    for word in words:
        assert word in str(raised.value)


WEIGHTS_OF_OBJECTS = {
    "a name that is none": ([data()], "cost", UsageError, ["'cost'", "edge_weight or edge_attr"]),
    "an attribute that is not there": (
        [data()], "edge_attr", InputError, ["graph 0: has no edge_attr (`weight`)"],
    ),
    "several numbers for an edge": (
        [data(edge_attr=[[1.0, 2.0]])], "edge_attr", InputError, ["graph 0: edge_attr", "(1, 2)"],
    ),
    "a name of a matrix": ([sp.eye_array(3, k=1)], "cost", UsageError, ["graph 0 has no names"]),
    "an attribute of networkx": (
        [nx.path_graph(3)], "cost", InputError, ["graph 0: has no edge attribute 'cost'"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WEIGHTS_OF_OBJECTS)
def test_weights_that_objects_lack_are_refused(case):
    given, weight, error, words = WEIGHTS_OF_OBJECTS[case]
    with pytest.raises(error) as raised:
        read_graph_set(given, weight=weight)
    for word in words:
        assert word in str(raised.value)


@pytest.mark.parametrize("seed", range(40))
def test_bytes_that_are_changed_never_end_in_a_traceback(tmp_path, monkeypatch, seed):
    """Each form with a few bytes changed reads, or is refused in one line."""
    random = np.random.default_rng(seed)
    forms = [
        (LABELLED, "."), (DGL, "."), ({**FILES, "g/labels.csv": "graph,label\none.csv,1\n"}, "g"),
        (rows({}, {"x": [[1, 2]] * 4}), "t.jsonl"), ({"t.parquet": parquet(ROW, ROW)}, "t.parquet"),
        (arrays(y=np.array([0, 1])), "t.npz"),
    ]  # fmt: skip
    monkeypatch.chdir(tmp_path)
    files, name = forms[seed % len(forms)]
    for path, text in files.items():
        data = bytearray(text if isinstance(text, bytes) else text.encode())
        for place in random.integers(0, len(data), random.integers(0, 3)):
            data[place] = random.integers(0, 256)
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)  # noqa: PTH103, PTH120
        (tmp_path / path).write_bytes(bytes(data))
    said = ""
    try:
        read_graph_set(name)
    except (InputError, UsageError) as error:
        said = str(error)
    assert "\n" not in said
