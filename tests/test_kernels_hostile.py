"""What the kernels refuse, that C would reach beyond memory for; and that C stays inside it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jaxtyping
import numpy as np
import pytest
import torch
from torch import Tensor

from tests.conftest import ROOT
from tvgnn_cli import kernels
from tvgnn_cli.kernels import CoarseGraphs, GraphBatch, GraphTensors, library
from tvgnn_cli.kernels.neighbourhoods import Neighbourhoods

pytestmark = pytest.mark.filterwarnings("ignore:Sparse")

X = torch.linspace(-1, 1, 12).view(4, 3)
EDGES = torch.tensor([[0, 1, 2], [1, 2, 3]])
NONE = torch.empty(2, 0, dtype=torch.int64)
PATH = GraphTensors(EDGES, 4)
PAIRS = CoarseGraphs(torch.ones(2, 2, 2))
STEP = {"delta": 0.3, "eps": 1e-3}
ELU = {**STEP, "activation": "elu"}
CPU = torch.device("cpu")


@pytest.fixture(params=["fused", "torch"])
def form(request, monkeypatch) -> str:
    """With and without compiled passes; shapes are not checked before the code does."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    if request.param == "torch":
        monkeypatch.setenv(library.NO_FUSED, "1")
    elif library.library() is None:
        pytest.skip("the compiled passes were not built")
    return str(request.param)


def csr(start: list[int], column: list[int], shape: tuple[int, int], **types: Any) -> Tensor:
    """A CSR matrix of ones, whatever its places are."""
    kind = {"dtype": torch.int32, **types}
    places = torch.tensor(start, **kind), torch.tensor(column, **kind)
    ones = torch.ones(len(column))
    return torch.sparse_csr_tensor(*places, ones, size=shape, check_invariants=False)


def layers(*shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> list[tuple[Tensor, Tensor]]:
    return [(torch.ones(weight), torch.ones(bias)) for weight, bias in shapes]


def long_edges(*ends: int) -> Tensor:
    return torch.tensor(ends).view(2, 1)


def sums_of(labels: list[int]) -> Any:
    return kernels.sums_of_clusters(np.ones((3, 2)), np.array(labels), 2)


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "edge to n": (lambda: GraphTensors(long_edges(0, 4), 4), "`edge_index` has 4, which is no"),
    "edge to -1": (lambda: GraphTensors(long_edges(0, -1), 4), "`edge_index` has -1, which"),
    "edge far": (lambda: GraphTensors(long_edges(2**40, 0), 4), "`edge_index` has 10995116"),
    "edges int32": (lambda: GraphTensors(EDGES.int(), 4), "`edge_index` is no tensor of int64"),
    "edges of three": (lambda: GraphTensors(EDGES.t(), 4), r"`edge_index` has the shape \(3, 2"),
    "edges in a list": (lambda: GraphTensors([[0], [1]], 4), "`edge_index` is no tensor"),
    "-1 vertices": (lambda: GraphTensors(NONE, -1), "`num_vertices` is -1"),
    "4.0 vertices": (lambda: GraphTensors(EDGES, 4.0), "`num_vertices` is 4.0"),
    "few weights": (lambda: GraphTensors(EDGES, 4, X[0, :2]), r"`edge_weight` has the shape \(2"),
    "other weights": (lambda: PATH.with_weight(X[0, :2]), r"`edge_weight` has the shape \(2"),
    "weights 2-d": (lambda: GraphTensors(EDGES, 4, X[:3, :1]), r"`edge_weight` has the shape"),
    "ptr": (lambda: GraphTensors(EDGES, 4, None, torch.tensor([0, 9])), "`ptr` does not rise"),
    "ptr float": (lambda: GraphTensors(EDGES, 4, None, X[0]), "`ptr` is no tensor of whole"),
    "not sorted": (lambda: GraphTensors.of_sorted(EDGES.flip(1), 4), "not sorted by lower ends"),
    "upper first": (lambda: GraphTensors.of_sorted(EDGES.flip(0), 4), "not sorted by lower ends"),
    "of_sorted to n": (lambda: GraphTensors.of_sorted(EDGES, 3), "`edge_index` has 3"),
    "neighbourhoods": (lambda: Neighbourhoods.of_sorted(EDGES, 3), "`edge_index` has 3"),
    "too many": (lambda: Neighbourhoods.of(NONE, 2**31), "at most 2147483647 vertices"),
    "runs": (lambda: near(start=[0, 2, 1, 4, 6]), "`start` does not rise from 0 to 6"),
    "runs of more": (lambda: near(start=[0, 1, 1, 4, 9]), "`start` does not rise from 0 to 6"),
    "no runs": (lambda: near(start=[]), r"`start` has the shape \(0,\)"),
    "neighbour n": (lambda: near(neighbour=[1, 0, 2, 4, 3, 2]), "`neighbour` has 4"),
    "neighbour int64": (lambda: near(kind=torch.int64), "neighbourhoods of torch.int64"),
    "more rows": (lambda: near(num_vertices=3), "`start` is of more than 3 vertices"),
    "sizes": (lambda: GraphBatch(PATH, (2, 3)), "graphs of 5 vertices"),
    "sizes float": (lambda: GraphBatch(PATH, (2.0, 2.0)), "`sizes` are not all whole numbers"),
    "size -1": (lambda: GraphBatch(PATH, (-1, 5)), "graphs of 4 vertices"),
    "no weights": (lambda: CoarseGraphs([[1]]), "`weight` is no dense tensor"),
    "x 3-d": (lambda: kernels.gtv_layer(X[None], PATH, None, **ELU), r"`x` has the shape \(1, 4,"),
    "x 1-d": (lambda: kernels.gtv_layer(X[0], PATH, None, **ELU), "`x` has the shape"),
    "x short": (lambda: kernels.gtv_layer(X[:3], PATH, None, **ELU), "3 rows for a graph of 4"),
    "x coarse": (lambda: kernels.gtv_layer(X[:3], PAIRS, None, **ELU), "3 rows for 2 graphs"),
    "x sparse": (lambda: kernels.gtv_layer(X.to_sparse_csr(), PATH, None, **ELU), "not a dense"),
    "no tensor": (lambda: kernels.gtv_layer([[1.0]], PATH, None, **ELU), "`x` is a list, not a"),
    "no graph": (lambda: kernels.gtv_layer(X, EDGES, None, **ELU), "`graph` is a Tensor"),
    "bias short": (lambda: kernels.gtv_layer(X, PATH, X[0, :2], **ELU), r"`bias` has the shape"),
    "bias 2-d": (lambda: kernels.gtv_layer(X, PATH, X[:1], **ELU), r"`bias` has the shape \(1, 3"),
    "bias coarse": (lambda: kernels.gtv_layer(X, PAIRS, X[0, :2], **ELU), "`bias` has the shape"),
    "rows -1": (lambda: kernels.gtv_layer(X, PATH, None, rows=-1, **ELU), "`rows` is -1"),
    "rows 5": (lambda: kernels.gtv_layer(X, PATH, None, rows=5, **ELU), "`rows` is 5"),
    "activation": (
        lambda: kernels.gtv_layer(X, PATH, None, activation="tanh", **STEP),
        "`activation` is 'tanh', not one of elu, relu, none",
    ),
    "degrees": (lambda: kernels.degree_weighted_gtv_propagate(X[:3], PATH, **STEP), "3 rows"),
    "degrees 3-d": (lambda: kernels.degree_weighted_gtv_propagate(X[None], PATH, **STEP), "`x`"),
    "degrees coarse": (lambda: kernels.degree_weighted_gtv_propagate(X, PAIRS, **STEP), "`graph`"),
    "variation": (lambda: kernels.total_variation(X[:3], PATH), "3 rows for a graph of 4"),
    "variation 3-d": (lambda: kernels.total_variation(X[None], PATH), "`x` has the shape"),
    "label k": (lambda: sums_of([0, 1, 2]), "`labels` are not all from 0 to 1"),
    "label -1": (lambda: sums_of([0, 1, -1]), "`labels` are not all from 0 to 1"),
    "label far": (lambda: sums_of([0, 1, 10**9]), "`labels` are not all from 0 to 1"),
    "labels short": (lambda: sums_of([0, 1]), "`labels` has 2 values for 3 points"),
    "neighbours": (lambda: kernels.neighbour_sum(X[:3], PATH), "3 rows for a graph of 4"),
    "neighbours 3-d": (lambda: kernels.neighbour_sum(X[None], PATH), "`x` has the shape"),
    "neighbours coarse": (lambda: kernels.neighbour_sum(X, PAIRS), "`graph` is a CoarseGraphs"),
    "softmax 3-d": (lambda: kernels.softmax(X[None]), "`logits` has the shape"),
    "softmax 1-d": (lambda: kernels.softmax(X[0]), "`logits` has the shape"),
    "rho -2": (lambda: kernels.asymmetric_norm(X, -2.0), "`rho` must be positive, not -2.0"),
    "rho -1": (lambda: kernels.asymmetric_norm(X, -1.0), "`rho` must be positive, not -1.0"),
    "rho nan": (lambda: kernels.asymmetric_norm(X, float("nan")), "`rho` must be positive"),
    "norm of nothing": (lambda: kernels.asymmetric_norm(X[:0], 1.0), "`assignment` has no vert"),
    "norm 3-d": (lambda: kernels.asymmetric_norm(X[None], 1.0), "`assignment` has the shape"),
    "loss 1-d": (lambda: kernels.asym_norm_loss(X[0]), "`assignment` has the shape"),
    "losses 3-d": (lambda: kernels.asym_norm_losses(X[None], (1,)), "`assignment` has the shape"),
    "losses sizes": (lambda: kernels.asym_norm_losses(X, (2, 3)), "4 rows for graphs of 5"),
    "losses floats": (lambda: kernels.asym_norm_losses(X, (2.0, 2.0)), "`sizes` are not all"),
    "segments": (lambda: kernels.segment_products(X, X[:3], (4,)), "4 and 3 rows for graphs of 4"),
    "segments 3-d": (lambda: kernels.segment_products(X, X[None], (4,)), "`right` has the shape"),
    "segments 1-d": (lambda: kernels.segment_products(X[0], X, (4,)), "`left` has the shape"),
    "column": (lambda: product(csr([0, 1, 2], [0, 3], (2, 3))), "col_indices.* has 3, which"),
    "column -1": (lambda: product(csr([0, 1, 2], [0, -1], (2, 3))), "col_indices.* has -1, which"),
    "column int64": (
        lambda: product(csr([0, 1, 2], [0, 9], (2, 3), dtype=torch.int64)),
        "col_indices.* has 9",
    ),
    "crow falls": (lambda: product(csr([0, 9, 2], [0, 1], (2, 3))), "crow_indices.* not rise"),
    "crow ends": (lambda: product(csr([0, 1, 900], [0, 1], (2, 3))), "crow_indices.* not rise"),
    "crow short": (lambda: product(csr([0, 2], [0, 1], (2, 3))), "lists of other lengths"),
    "weight rows": (lambda: product(csr([0, 1], [0], (1, 4))), "`weight` has 3 rows, not 4"),
    "weight dense": (lambda: product(X.t()), "`weight` has 3 rows, not 4"),
    "weight 3-d": (lambda: kernels.feature_product(X, X[None]), "`weight` has the shape"),
    "x coo": (lambda: product(X.to_sparse()), "`x` is a tensor of torch.sparse_coo"),
    "symmetric": (
        lambda: kernels.symmetric_product(csr([0, 1, 2], [0, 1], (2, 3)), X),
        "not that of a square",
    ),
    "symmetric rows": (
        lambda: kernels.symmetric_product(csr([0, 1, 2], [0, 1], (2, 2)), X),
        "`dense` has 4 rows, not 2",
    ),
    "symmetric column": (
        lambda: kernels.symmetric_product(csr([0, 1, 2], [0, 2], (2, 2)), X[:2]),
        "`matrix.col_indices.* has 2",
    ),
    "symmetric dense": (lambda: kernels.symmetric_product(X, X), "`matrix` is no CSR tensor"),
    "no layers": (lambda: kernels.mlp(X, []), "no `layers`"),
    "mlp bias": (lambda: kernels.mlp(X, layers(((2, 3), (3,)))), "`bias` has the shape"),
    "mlp bias 2-d": (lambda: kernels.mlp(X, layers(((2, 3), (1, 2)))), "`bias` has the shape"),
    "mlp widths": (
        lambda: kernels.mlp(X, layers(((2, 3), (2,)), ((2, 3), (2,)))),
        "`weight` has 3 columns, not 2",
    ),
    "mlp parts": (
        lambda: kernels.mlp(X, layers(((2, 3), (2,))), kept_rows=1, part_rows=0),
        "`part_rows` is 0",
    ),
    "features": (lambda: kernels.feature_tensor(X, CPU), "`x` is a Tensor, not an array"),
    "features 1-d": (lambda: kernels.feature_tensor(X[0].numpy(), CPU), "`x` has the shape"),
    "features csr": (
        lambda: kernels.feature_tensor(bad_features(), CPU),
        "`x`: indices must be < 4",
    ),
}
"""What is refused, and the words that say why."""


def product(x: Tensor) -> Tensor:
    return kernels.feature_product(x, torch.ones(3, 2))


def near(
    start: tuple[int, ...] | list[int] = (0, 1, 3, 5, 6),
    neighbour: tuple[int, ...] | list[int] = (1, 0, 2, 1, 3, 2),
    num_vertices: int = 4,
    kind: torch.dtype = torch.int32,
) -> Neighbourhoods:
    """Those of the path, but for what is given."""
    none = torch.empty(0, dtype=torch.int32)
    places = torch.tensor(start, dtype=torch.int64), torch.tensor(neighbour, dtype=kind)
    return Neighbourhoods(*places, none, num_vertices)


def bad_features() -> Any:
    import scipy.sparse as sp

    features = sp.csr_array((3, 4), dtype="f4")
    features.data, features.indices = X[0].numpy(), torch.tensor([0, 9, 1]).int().numpy()
    features.indptr = torch.tensor([0, 1, 2, 3]).int().numpy()
    return features


@pytest.mark.parametrize("case", REFUSED)
def test_what_c_would_reach_beyond_memory_for_is_refused_by_name(form, case):
    attempt, words = REFUSED[case]
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        attempt()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


EMPTY: dict[str, tuple[Callable[[Tensor], Tensor], Tensor, tuple[int, ...]]] = {
    "layer of no channels": (lambda x: kernels.gtv_layer(x, PATH, None, **ELU), X[:, :0], (4, 0)),
    "the same, coarse": (lambda x: kernels.gtv_layer(x, PAIRS, None, **ELU), X[:, :0], (4, 0)),
    "by degrees": (
        lambda x: kernels.degree_weighted_gtv_propagate(x, PATH, **STEP), X[:, :0], (4, 0),
    ),
    "variation": (lambda x: kernels.total_variation(x, PATH), X[:, :0], ()),
    "neighbours": (lambda x: kernels.neighbour_sum(x, PATH), X[:, :0], (4, 0)),
    "softmax": (kernels.softmax, X[:, :0], (4, 0)),
    "segments": (lambda x: kernels.segment_products(X, x, (1, 3)), X[:, :0], (2, 3, 0)),
    "features": (lambda w: kernels.feature_product(X.to_sparse_csr(), w), X[:3, :0], (4, 0)),
    "hidden layer of none": (
        lambda x: kernels.mlp(x, layers(((0, 3), (0,)), ((2, 0), (2,)))), X, (4, 2),
    ),
    "no vertices": (
        lambda x: kernels.gtv_layer(x, GraphTensors(NONE, 0), None, **ELU), X[:0], (0, 3),
    ),
    "variation of none": (lambda x: kernels.total_variation(x, GraphTensors(NONE, 0)), X[:0], ()),
}  # fmt: skip
"""What is empty, and the shape of what comes of it."""


@pytest.mark.parametrize("case", EMPTY)
def test_what_is_empty_gives_what_is_empty(form, case):
    function, values, shape = EMPTY[case]
    given = values.clone().requires_grad_()
    out = function(given)
    out.sum().backward()
    assert out.shape == shape
    assert not out.detach().abs().sum() or "none" in case
    assert given.grad.shape == values.shape


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_scores_of_minus_infinity_have_no_share(form, dtype):
    x = torch.randn(40, 5, dtype=dtype)
    x[::3, 1], x[7, 2:], x[8] = -torch.inf, -torch.inf, -torch.inf
    x[9, 3], x[10, 0] = torch.inf, torch.nan
    results = []
    for function in (kernels.softmax, lambda x: x.softmax(dim=1)):
        given = x.clone().requires_grad_()
        out = function(given)
        out[:7].square().sum().backward()
        results.append((out.detach(), given.grad))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, equal_nan=True)
    assert results[0][0][0, 1] == 0


def test_values_whose_signs_are_yet_to_be_turned(form):
    negated = torch._neg_view(X)
    for function in (
        kernels.softmax,
        lambda x: kernels.gtv_propagate(x, PATH, **STEP),
        lambda x: kernels.total_variation(x, PATH),
        lambda x: kernels.neighbour_sum(x, PATH),
        lambda x: kernels.segment_products(x, X, (4,)),
        lambda w: kernels.feature_product(X.t().to_sparse_csr(), w),
    ):
        torch.testing.assert_close(function(negated), function(-X))
        given = [X.clone().requires_grad_() for _ in range(2)]
        for values, plain in zip(given, (False, True), strict=True):
            out = function(values)
            ones = torch.ones_like(out)
            out.backward(-ones if plain else torch._neg_view(ones))
        torch.testing.assert_close(given[0].grad, given[1].grad)


def test_a_matrix_that_is_changed_in_place_is_read_again(form):
    x = csr([0, 1, 2], [0, 1], (2, 3))
    assert product(x).shape == (2, 2)
    x.col_indices()[1] = 7
    with pytest.raises(ValueError, match=r"col_indices.* has 7"):
        product(x)


# The passes themselves.


NUMBERS = {
    "threads": 2, "n": 5, "vertices": 5, "k": 3, "width": 3, "ends": 8, "nnz": 8, "graphs": 2,
    "size": 3, "f": 4, "place": 1, "longest": 3, "activation": 1, "most": 4,
}  # fmt: skip
PASSES = sorted(
    name
    for path in (ROOT / "tvgnn_cli" / "kernels").glob("*_body.h")
    for name in re.findall(r"^PASS\((\w+),", path.read_text(), re.MULTILINE)
)


def content(name: str, dtype: torch.dtype, length: int, numbers: dict[str, int]) -> Tensor:
    """Values that a pass can work on."""
    last = {"start": numbers["ends"], "ptr": numbers["n"]}.get(name)
    if last is not None:
        return torch.arange(length).mul(last).div(max(length - 1, 1), rounding_mode="floor")
    if name in ("neighbour", "column"):
        return torch.arange(length, dtype=dtype) % min(max(numbers["n"], 1), numbers["f"])
    if name == "first":
        return torch.full((length,), numbers["n"])
    if name == "rank":
        return torch.full((length,), numbers["place"])
    if name in ("values", "sums", "scratch", "above"):
        return torch.zeros(length, dtype=dtype)
    return torch.rand(length).to(dtype)


def of_pass(
    name: str, dtype: torch.dtype, numbers: dict[str, int], beyond: int = 0
) -> tuple[str, dict[str, Any], dict[str, Tensor]]:
    """A pass, what it takes, and that with what lies beyond each array."""
    symbol = f"{name}_{library.DTYPES[dtype]}_{library.best_set()}"
    takes = library.prototype(symbol, dtype)
    plain = {key: numbers.get(key, 0.5) for key in takes.names}
    lengths = takes.lengths(*plain.values())
    assert lengths, (name, numbers)
    arrays = {}
    for array, length in zip(takes.arrays, lengths, strict=True):
        values = content(array.name, array.dtype, length, numbers)
        guard = torch.full((beyond,), torch.nan if array.dtype.is_floating_point else -77)
        arrays[array.name] = torch.cat([values, guard.to(array.dtype)])
    given = {key: arrays[key][: len(arrays[key]) - beyond] for key in arrays}
    return name, plain | given, arrays


def settings(dtype: torch.dtype, name: str) -> Iterator[dict[str, int]]:
    """Small numbers of every kind, and widths that passes have forms of their own for."""
    lanes = 64 // dtype.itemsize
    for vectors in (1, 2, 3, 4, 8, 16):
        yield NUMBERS | {"width": vectors * lanes, "k": vectors * lanes}
    yield NUMBERS | {"width": 2 * lanes, "n": 0, "vertices": 2, "ends": 0, "nnz": 0, "place": -1}
    if "complete" in name:  # sizes about those of tiles and of blocks
        for size in (0, 1, 5, 17, 34):
            yield NUMBERS | {"width": lanes, "size": size}
    elif "totvar" not in name:
        yield NUMBERS
        yield NUMBERS | {"n": 70, "vertices": 70, "place": 30, "longest": 70, "graphs": 1}


@pytest.fixture
def fused(monkeypatch) -> None:
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    if library.library() is None:
        pytest.skip("the compiled passes were not built")


@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("beyond", [0, 40])
def test_a_pass_stays_inside_the_arrays_that_it_declares(fused, name, dtype, beyond):
    for numbers in settings(dtype, name):
        if name == "select_in_columns" and numbers["place"] < 0:
            continue
        numbers["place"] = max(numbers["place"], 0)
        _, given, arrays = of_pass(name, dtype, numbers, beyond)
        threads = torch.get_num_threads()
        torch.set_num_threads(given.pop("threads"))
        try:
            library.call(name, dtype, **given)
        finally:
            torch.set_num_threads(threads)
        for key, array in arrays.items():
            guard = array[len(array) - beyond :]
            kept = guard.isnan() if array.dtype.is_floating_point else guard == -77
            assert kept.all(), f"{key} was written beyond its end, {numbers}"
            inside = array[: len(array) - beyond]
            assert key == "found" or not inside.isnan().any(), f"{key} has what lies beyond"


@pytest.mark.parametrize("name", PASSES)
def test_a_pass_takes_no_shorter_array_and_no_number_out_of_its_range(fused, name):
    numbers = NUMBERS | {"width": 16, "threads": torch.get_num_threads()}
    _, given, arrays = of_pass(name, torch.float32, numbers)
    given.pop("threads")
    for key, array in arrays.items():
        with pytest.raises(ValueError, match=f"`{key}` has {len(array) - 1} values, and "):
            library.call(name, torch.float32, **given | {key: array[:-1].clone()})
        with pytest.raises(TypeError, match=f"`{key}`: a contiguous tensor"):
            library.call(name, torch.float32, **given | {key: array.bool()})
    for key in given.keys() & NUMBERS.keys():
        for wrong, kind in ((-1, ValueError), (1.0, TypeError), ("1", TypeError)):
            with pytest.raises(kind, match=f"`{key}`"):
                library.call(name, torch.float32, **given | {key: wrong})


RANGES = [
    ("place", "select_in_columns", 5), ("activation", "gtv_forward", 3), ("k", "softmax", 0),
    ("width", "totvar", 17), ("width", "complete_totvar", 17), ("n", "gtv_forward", 6),
    ("k", "lloyd", 0), ("k", "lloyd", 2**31),
]  # fmt: skip


@pytest.mark.parametrize(("key", "name", "wrong"), RANGES)
def test_numbers_have_ranges_of_their_own(fused, key, name, wrong):
    numbers = NUMBERS | {"width": 16, "threads": torch.get_num_threads()}
    _, given, _ = of_pass(name, torch.float32, numbers)
    given.pop("threads")
    with pytest.raises(ValueError, match=f"`{key}` is {wrong}, and {name}_f32_.* needs"):
        library.call(name, torch.float32, **given | {key: wrong})


def test_memory_that_is_not_there_or_begins_inside_a_value_is_refused(fused):
    shifted = torch.frombuffer(bytearray(50), dtype=torch.float32, offset=1, count=12)
    for x in (shifted.view(4, 3), torch._efficientzerotensor((4, 3))):
        with pytest.raises(TypeError, match="`x`: a tensor has no memory, or begins inside"):
            kernels.softmax(x)


@pytest.mark.skipif("TVGNN_SANITIZED" not in os.environ, reason="for make sanitize")
def test_the_kernels_that_are_tested_here_are_those_with_sanitizers():
    loaded = Path("/proc/self/maps").read_text()
    assert "libasan" in loaded
    assert library.library()._name.startswith(str(ROOT))
    assert ROOT.name == "sanitize"
