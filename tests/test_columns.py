"""Delimited text beside that of pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

from tvgnn_cli.io.columns import delimited


def of_pandas(table, delimiter=","):
    text = pd.DataFrame(table).to_csv(index=False, sep=delimiter, lineterminator="\n")
    return text.encode()


IDS = ["a", "", '"', "a,b", "a\tb", "two\nlines", "\r", " x ", "é", "1e5", "007", "NA", "nan", "#"]


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_ids_are_quoted_as_pandas_does(delimiter):
    table = {"vertex": np.array(IDS, dtype=object), "a,b": np.arange(len(IDS))}
    assert delimited(table, delimiter) == of_pandas(table, delimiter)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_any_text(texts):
    table = {"vertex": np.array(texts, dtype=object), "cluster": np.zeros(len(texts), int)}
    assert delimited(table, ",") == of_pandas(table)
    alone = {"vertex": table["vertex"]}
    assert delimited(alone, ",") == of_pandas(alone)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(data=st.data())
def test_any_float(dtype, data):
    values = data.draw(of_numpy.arrays(dtype, st.integers(1, 20)))
    assert delimited({"p_0": values}, ",") == of_pandas({"p_0": values})


@pytest.mark.parametrize(
    "value", [3, 2**63, 1e-7, 1e22, float("inf"), None, float("nan"), True, "a,b"]
)
def test_a_row_of_metrics(value):
    row = {"seed": 0, "value": value, "name": "karate"}
    text = delimited({name: [cell] for name, cell in row.items()}, ",")
    assert text == of_pandas([row])


def test_rows_come_in_blocks():
    table = {"vertex": np.array(IDS, dtype=object), "p": np.linspace(0, 1, len(IDS))}
    assert delimited(table, ",", rows_at_once=3) == of_pandas(table)


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        delimited({"a": [1, 2], "b": [1]}, ",")
