"""Fused forms against the plain ones, in value and gradient."""

from __future__ import annotations

import importlib.util
import itertools
import shutil
import subprocess
from collections.abc import Callable
from types import SimpleNamespace

import networkx as nx
import pytest
import torch
from torch import Tensor

from tvgnn_cli import functional as F
from tvgnn_cli import kernels
from tvgnn_cli.kernels import GraphTensors, blocked, library
from tvgnn_cli.kernels.operations import operation
from tvgnn_cli.nn import GTVConv

TYPES = [torch.float32, torch.float64]
FORMS = ["avx512", "avx2", "base", "torch"]
"""The sets of instructions that passes are compiled for, and the form without any."""


@pytest.fixture(params=FORMS)
def form(request, monkeypatch) -> str:
    if request.param == "torch":
        monkeypatch.setenv(library.NO_FUSED, "1")
        return "torch"
    if library.library() is None:
        pytest.skip("the compiled passes were not built")
    if FORMS.index(request.param) < FORMS.index(library.best_set()):
        pytest.skip("this machine lacks the instructions")
    monkeypatch.setattr(library, "best_set", lambda: request.param)
    return str(request.param)


def test_the_passes_are_compiled_wherever_there_is_a_compiler():
    if shutil.which("gcc") is None:
        pytest.skip("no compiler here")
    assert library.library() is not None


def test_the_kernels_in_use_have_a_name(form):
    assert kernels.in_use(torch.device("cpu")) == form
    by_triton = form != "torch" and importlib.util.find_spec("triton") is not None
    assert kernels.in_use(torch.device("cuda")) == ("triton" if by_triton else "torch")
    assert kernels.in_use(torch.device("mps")) == "torch"
    assert kernels.absence() == ("TVGNN_NO_FUSED is set; unset it" if form == "torch" else "")


def test_kernels_that_are_not_here_say_why(monkeypatch, tmp_path):
    monkeypatch.delenv(library.NO_FUSED, raising=False)
    monkeypatch.setattr(library, "_open", library._open.__wrapped__)
    monkeypatch.setattr(library, "library", library.library.__wrapped__)
    broken = tmp_path / "_fused.so"
    broken.write_text("no library")
    for found, why in (
        (None, "this installation has none"),
        (broken, f"cannot be loaded ({broken}"),
    ):
        spec = found and SimpleNamespace(origin=str(found))
        monkeypatch.setattr(importlib.util, "find_spec", lambda _, spec=spec: spec)
        assert why in kernels.absence()
        assert kernels.in_use(torch.device("cpu")) == "torch"
        assert library.library() is None
        assert not library.usable(torch.ones(2))


def test_passes_compiled_for_another_version_are_not_used(monkeypatch, tmp_path):
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("no compiler here")
    source, built = tmp_path / "old.c", tmp_path / "old.so"
    source.write_text("int of_another_version(void) { return 0; }")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", built, source], check=True)
    monkeypatch.delenv(library.NO_FUSED, raising=False)
    monkeypatch.setattr(library, "_open", library._open.__wrapped__)
    spec = SimpleNamespace(origin=str(built))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    assert f"compiled for another version ({built})" in kernels.absence()


def test_a_pass_refuses_what_it_does_not_take():
    if library.library() is None:
        pytest.skip("the compiled passes were not built")
    x = torch.rand(4, 3)
    given = {"n": 4, "k": 3, "x": x, "scratch": torch.zeros(10_000), "out": torch.empty(4, 3)}

    def softmax(**others):
        library.call("softmax", torch.float32, **given | others)

    softmax()
    torch.testing.assert_close(given["out"], x.softmax(dim=1))
    for wrong, why in (
        ({"x": x.double()}, "float32 on the CPU is needed, not one of torch.float64"),
        ({"x": x.t()}, "contiguous"),
        ({"x": None}, "a tensor is needed, not None"),
        ({"n": 4.0}, "needs a whole number, not float"),
        ({"rho": 1}, "takes threads, n, k, x, scratch, out, not "),
    ):
        with pytest.raises(TypeError, match=why):
            softmax(**wrong)
    with pytest.raises(TypeError, match="takes threads, n, k"):
        library.call("softmax", torch.float32, n=4)


def test_the_end_of_the_process_goes_through_a_pass():
    if library.library() is None:
        pytest.skip("the compiled passes were not built")

    class Ending(torch.Tensor):
        def data_ptr(self):
            raise SystemExit(130)  # as a signal's handler may, in any line of Python

    x = torch.rand(4, 3).as_subclass(Ending)
    given = {"n": 4, "k": 3, "x": x, "scratch": torch.zeros(10_000), "out": torch.empty(4, 3)}
    with pytest.raises(SystemExit):
        library.call("softmax", torch.float32, **given)


def test_a_device_without_a_kernel_takes_the_plain_form():
    x = torch.rand(4, 3, device="meta")
    assert kernels.softmax(x).device.type == "meta"
    doubled = operation(lambda x: 2 * x)
    doubled.on("cpu")(lambda x: x + x + 1)
    one = torch.ones(1)
    assert doubled(one).item() == (3 if library.library() is not None else 2)
    assert doubled(one.half()).item() == 2, "of a type that no pass knows"


def example(width: int, dtype: torch.dtype, weighted: bool) -> tuple[Tensor, Tensor, Tensor | None]:
    """Values, edges and weights; with an isolated vertex, a multi-edge, gaps of 0 and of eps."""
    network = nx.gnp_random_graph(60, 0.2, seed=1)
    network.remove_edges_from(list(network.edges(5)))
    edge_index = torch.tensor([*network.edges, next(iter(network.edges))]).T.contiguous()
    random = torch.Generator().manual_seed(2)
    x = torch.randn(60, width, generator=random, dtype=dtype)
    x[edge_index[1, 3]] = x[edge_index[0, 3]]
    weight = torch.rand(edge_index.size(1), generator=random, dtype=dtype) if weighted else None
    return x, edge_index, weight


def on_edges(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A fused form that takes edges and weights as the plain one does."""

    def with_edges(x, edge_index, weight=None, *others, **settings):
        return function(x, GraphTensors(edge_index, len(x), weight), *others, **settings)

    return with_edges


gtv_layer = on_edges(kernels.gtv_layer)
gtv_propagate = on_edges(kernels.gtv_propagate)
degree_weighted_gtv_propagate = on_edges(kernels.degree_weighted_gtv_propagate)
total_variation = on_edges(kernels.total_variation)


def values_and_gradients(
    function: Callable[..., Tensor], *inputs: Tensor | None
) -> list[Tensor | None]:
    """What a function gives, and the gradient for each input of a fixed direction of it."""
    taken = [None if t is None else t.clone().requires_grad_() for t in inputs]
    out = function(*taken)
    random = torch.Generator().manual_seed(3)
    out.backward(torch.randn(out.shape, generator=random, dtype=out.dtype))
    return [out.detach(), *(None if t is None else t.grad for t in taken)]


def assert_equal(plain: list[Tensor | None], fused: list[Tensor | None]) -> None:
    for one, other in zip(plain, fused, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            exact = one.dtype == torch.float64
            rtol, atol = (1e-10, 1e-12) if exact else (1e-4, 3e-5)
            torch.testing.assert_close(other, one, rtol=rtol, atol=atol)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("width", [1, 7, 8, 16, 32, 64, 128, 256, 300, 1000])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("activation", ["none", "elu", "relu"])
def test_layer(form, dtype, width, weighted, activation):
    x, edge_index, weight = example(width, dtype, weighted)
    bias = torch.linspace(-1, 1, width, dtype=dtype)
    step = {"delta": 0.3, "eps": 1e-2}

    def plain(x, weight, bias):
        return F.ACTIVATIONS[activation](F.gtv_propagate(x, edge_index, weight, **step) + bias)

    def fused(x, weight, bias):
        return gtv_layer(x, edge_index, weight, bias, activation=activation, **step)

    assert_equal(*(values_and_gradients(f, x, weight, bias) for f in (plain, fused)))


@pytest.mark.parametrize("width", [1, 8, 300])
def test_edges_in_blocks(width):
    x, edge_index, weight = example(width, torch.float64, True)

    def in_blocks(x, weight):
        return blocked.gtv_propagate(x, edge_index, weight, delta=0.3, block_values=4096)

    def plain(x, weight):
        return F.gtv_propagate(x, edge_index, weight, delta=0.3)

    assert_equal(*(values_and_gradients(f, x, weight) for f in (plain, in_blocks)))


@pytest.mark.parametrize("width", [5, 16])
def test_graph_of_more_rows_than_threads_take_at_once(form, width):
    random = torch.Generator().manual_seed(4)
    n, edges = 30_000, 90_000
    ends = torch.randint(n, (2, edges), generator=random)
    edge_index = ends[:, ends[0] != ends[1]]
    x = torch.randint(-2, 3, (n, width), generator=random).to(torch.float64)  # with equal values
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        for plain, fused in (
            (F.gtv_propagate, gtv_propagate),
            (F.total_variation, total_variation),
        ):
            settings = {"delta": 0.3, "eps": 1e-2} if plain is F.gtv_propagate else {}
            results = [
                values_and_gradients(lambda x, f=f, s=settings: f(x, edge_index, **s), x)
                for f in (plain, fused)
            ]
            assert_equal(*results)
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("weighted", [False, True])
def test_degree_weighted_propagation(form, dtype, weighted):
    x, edge_index, weight = example(33, dtype, weighted)
    results = [
        values_and_gradients(lambda x, f=f: f(x, edge_index, weight, delta=0.3, eps=1e-2), x)
        for f in (F.degree_weighted_gtv_propagate, degree_weighted_gtv_propagate)
    ]
    assert_equal(*results)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("clusters", [2, 3, 17, 200])
@pytest.mark.parametrize("weighted", [False, True])
def test_total_variation(form, dtype, clusters, weighted):
    x, edge_index, weight = example(clusters, dtype, weighted)
    results = [
        values_and_gradients(lambda x, f=f: f(x, edge_index, weight), x)
        for f in (F.total_variation, total_variation)
    ]
    assert_equal(*results)


@pytest.mark.parametrize("rows", [0, 1, 37, 60])
@pytest.mark.parametrize("weighted", [False, True])
def test_layer_of_the_first_rows(form, rows, weighted):
    x, edge_index, weight = example(20, torch.float32, weighted)
    bias = torch.linspace(-1, 1, 20)
    given = (x, edge_index, weight, bias)
    step = {"delta": 0.3, "eps": 1e-2, "activation": "elu"}
    with torch.no_grad():
        first = gtv_layer(*given, rows=rows, **step)
        whole = gtv_layer(*given, **step)
        torch.testing.assert_close(first, whole[:rows], rtol=1e-6, atol=1e-7)
    if form != "torch":
        with pytest.raises(ValueError, match="no gradient"):
            gtv_layer(*given, rows=rows, **step)


def scores(n: int, clusters: int, dtype: torch.dtype) -> Tensor:
    random = torch.Generator().manual_seed(4)
    return 20 * torch.randn(n, clusters, generator=random, dtype=dtype)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n", [1, 15, 16, 60, 1000])
@pytest.mark.parametrize("clusters", [2, 7, 16, 200])
def test_softmax(form, dtype, n, clusters):
    x = scores(n, clusters, dtype)
    plain, fused = (
        values_and_gradients(f, x) for f in (lambda x: x.softmax(dim=1), kernels.softmax)
    )
    assert_equal(plain, fused)
    rtol = 1e-5 if dtype == torch.float32 else 1e-12
    torch.testing.assert_close(fused[0], plain[0], rtol=rtol, atol=1e-36)  # the small ones too


def test_softmax_of_scores_far_apart_and_of_no_numbers(form):
    far = torch.tensor([[0.0, 1000.0], [-1e30, 1e30], [5.0, 5.0]])
    assert torch.allclose(kernels.softmax(far), torch.tensor([[0, 1], [0, 1], [0.5, 0.5]]))
    far[1, 0] = float("nan")
    assert kernels.softmax(far)[1].isnan().all()
    assert not kernels.softmax(far)[[0, 2]].isnan().any()
    assert kernels.softmax(far[:0]).shape == (0, 2)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(("n", "clusters"), [(1, 2), (2, 2), (61, 3), (1000, 7), (300, 200)])
@pytest.mark.parametrize("rho", [None, 0.001, 0.5, 3.7, 100.0])
def test_asymmetric_norm(form, dtype, n, clusters, rho):
    s = scores(n, clusters, dtype).argsort(dim=0).to(dtype) / n  # no value twice in a column
    results = [
        values_and_gradients(lambda s, f=f: f(s, rho or clusters - 1), s)
        for f in (F.asymmetric_norm, kernels.asymmetric_norm)
    ]
    assert_equal(*results)


def test_asymmetric_norm_of_values_of_either_sign_and_without_gradient(form):
    x = scores(500, 5, torch.float64)
    x[::7] *= 1e-200
    x[::11] = -0.0
    assert kernels.asymmetric_norm(x, 2.0).item() == pytest.approx(F.asymmetric_norm(x, 2.0).item())
    x[3, 2] = float("nan")
    assert kernels.asymmetric_norm(x, 2.0).isnan()


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_quantile_is_the_first_of_equal_values_with_any_number_of_threads(form, threads):
    s = torch.eye(4)[[0, 1, 1, 2, 2, 2, 3, 0, 1, 2]].requires_grad_()
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        value = kernels.asymmetric_norm(s, 1.0)
        value.backward()
    finally:
        torch.set_num_threads(before)
    assert value.item() == F.asymmetric_norm(s, 1.0).item()
    assert (s.grad.sum(dim=0) == 0).all()  # a column moved as a whole stays as uneven as it is
    if form != "torch":
        # The median of every column is 0: values of 0 and above count once, and so does the
        # median less for each of the ten.
        assert s.grad[:, 2].tolist() == [1 - 10, *[1] * 9]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("widths", [(9, 5), (9, 5, 3), (9, 5, 6, 1)])
@pytest.mark.parametrize("parts", [False, True])
def test_mlp(form, dtype, widths, parts):
    rows = {"kept_rows": 7, "part_rows": 7} if parts else {}
    x, _, _ = example(9, dtype, False)
    flat = []
    for narrow, wide in itertools.pairwise(widths):
        flat += [torch.randn(wide, narrow, dtype=dtype), torch.randn(wide, dtype=dtype)]

    def plain(x, *flat):
        for weight, bias in zip(flat[:-2:2], flat[1:-2:2], strict=True):
            x = torch.relu(x @ weight.T + bias)
        return x @ flat[-2].T + flat[-1]

    def ours(x, *flat):
        return kernels.mlp(x, list(zip(flat[::2], flat[1::2], strict=True)), **rows)

    assert_equal(*(values_and_gradients(f, x, *flat) for f in (plain, ours)))


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta")
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("width", [1, 4, 16, 33, 64, 130])
@pytest.mark.parametrize("threads", [1, 3])
def test_sparse_features(form, dtype, width, threads):
    random = torch.Generator().manual_seed(5)
    x = torch.randn(50, 30, generator=random, dtype=dtype)
    x[torch.rand(50, 30, generator=random) > 0.1] = 0
    x[3], x[:, 7] = 0, 0
    weight = torch.randn(30, width, generator=random, dtype=dtype)
    sparse = x.to_sparse_csr()
    indices = sparse.crow_indices().int(), sparse.col_indices().int()
    narrow = torch.sparse_csr_tensor(*indices, sparse.values(), size=x.shape)
    plain = values_and_gradients(lambda w: x @ w, weight)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        for given in (sparse, narrow):
            product = values_and_gradients(lambda w, x=given: kernels.feature_product(x, w), weight)
            assert_equal(plain, product)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("activation", ["none", "elu", "relu"])
def test_second_order_checks_of_the_first_gradient(form, activation):
    edge_index = torch.tensor(list(nx.gnp_random_graph(6, 0.5, seed=3).edges)).T.contiguous()
    random = torch.Generator().manual_seed(4)
    x = torch.randn(6, 3, generator=random, dtype=torch.float64, requires_grad=True)
    weight = torch.rand(edge_index.size(1), generator=random, dtype=torch.float64)
    bias = torch.randn(3, generator=random, dtype=torch.float64, requires_grad=True)
    step = {"delta": 0.2, "eps": 1e-3, "activation": activation}
    assert torch.autograd.gradcheck(
        lambda x, w, b: gtv_layer(x, edge_index, w, b, **step),
        (x, weight.requires_grad_(), bias),
    )


def test_no_edges(form):
    x = torch.randn(3, 2, requires_grad=True)
    none = torch.empty(2, 0, dtype=torch.long)
    out = gtv_propagate(x, none, delta=0.3)
    (out.sum() + total_variation(x, none)).backward()
    assert torch.equal(out, x)
    assert (x.grad == 1).all()


def test_values_that_are_no_numbers_stay_visible(form):
    x, edge_index, _ = example(40, torch.float32, False)
    x[7, 3] = float("nan")
    bias = torch.zeros(40)
    for activation in ("none", "elu", "relu"):
        step = {"delta": 0.3, "eps": 1e-3, "activation": activation}
        assert gtv_layer(x, edge_index, None, bias, **step)[7].isnan().all()


def test_elu_over_its_whole_range(form):
    x = torch.cat([-torch.logspace(-30, 3, 400), torch.logspace(-30, 3, 400), torch.zeros(1)])
    for dtype, rtol in ((torch.float32, 1e-6), (torch.float64, 1e-14)):
        values = x.to(dtype)[:, None].repeat(1, 3)
        edges = torch.empty(2, 0, dtype=torch.long)
        out = gtv_layer(values, edges, None, None, delta=1, eps=1, activation="elu")
        wanted = torch.where(values > 0, values, torch.expm1(values))
        # Torch's own, in older versions, is exp(x) - 1.
        atol = 1e-7 if form == "torch" else 0
        torch.testing.assert_close(out, wanted, rtol=rtol, atol=atol)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_any_number_of_threads(threads):
    x, edge_index, _ = example(50, torch.float32, False)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        results = [
            values_and_gradients(lambda x, f=f: f(x, edge_index, delta=0.3), x)
            for f in (F.gtv_propagate, gtv_propagate)
        ]
    finally:
        torch.set_num_threads(before)
    assert_equal(*results)


def test_a_graph_knows_the_neighbours_of_each_vertex():
    weight = torch.tensor([1.0, 2.0, 3.0])
    graph = GraphTensors(torch.tensor([[0, 2, 0], [1, 1, 3]]), 5, weight)
    near = graph.neighbourhoods
    assert near.start.tolist() == [0, 2, 4, 5, 6, 6]
    assert near.neighbour.tolist() == [1, 3, 0, 2, 1, 0]
    assert near.edge.tolist() == [0, 2, 0, 1, 1, 2]
    assert graph.neighbourhoods is near
    assert graph.weight_of_neighbours().tolist() == [1, 3, 1, 2, 2, 3]
    other = graph.with_weight(torch.tensor([7.0, 2.0, 3.0]))
    assert other.neighbourhoods is near
    assert other.weight_of_neighbours().tolist() == [7, 3, 7, 2, 2, 3]


def test_weights_that_are_trained_may_change_and_others_are_spread_once():
    edges, weight = torch.tensor([[0], [1]]), torch.tensor([1.0])
    fixed = GraphTensors(edges, 2, weight)
    assert fixed.weight_of_neighbours() is fixed.weight_of_neighbours()
    trained = GraphTensors(edges, 2, weight.clone().requires_grad_())
    assert trained.weight_of_neighbours().tolist() == [1, 1]
    with torch.no_grad():
        trained.edge_weight.mul_(2)
    assert trained.weight_of_neighbours().tolist() == [2, 2]


def test_a_layer_takes_a_graph_or_edges_and_not_both():
    x, edge_index, weight = example(4, torch.float32, True)
    layer = GTVConv(4, 3)
    graph = GraphTensors(edge_index, len(x), weight)
    assert torch.equal(layer(x, graph), layer(x, edge_index, weight))
    with pytest.raises(ValueError, match="a graph has its own"):
        layer(x, graph, weight)
    with pytest.raises(ValueError, match="59 rows for a graph of 60 vertices"):
        layer(x[1:], graph)


@pytest.mark.parametrize("weighted", [False, True])
def test_graphs_that_are_joined_stay_apart(form, weighted):
    layer = GTVConv(4, 3)
    x, edge_index, weight = example(4, torch.float32, weighted)
    one = GraphTensors(edge_index, 60, weight)
    other = GraphTensors(edge_index[:, :20], 61, None if weight is None else weight[:20])
    more = torch.rand(61, 4)
    both = GraphTensors.joined([one, other])
    assert both.ptr.tolist() == [0, 60, 121]
    assert both.num_vertices == 121
    apart = torch.cat([layer(x, one), layer(more, other)])
    torch.testing.assert_close(layer(torch.cat([x, more]), both), apart)
    variation = kernels.total_variation(x, one) + kernels.total_variation(more, other)
    together = kernels.total_variation(torch.cat([x, more]), both)
    torch.testing.assert_close(together, variation)
    assert both.with_weight(torch.ones(both.num_edges)).ptr is both.ptr
    mixed = [
        GraphTensors(edge_index, 60),
        GraphTensors(edge_index, 60, torch.ones(both.num_edges - 20)),
    ]
    for graphs in ([], mixed):
        with pytest.raises(ValueError, match="all have weights, or none has"):
            GraphTensors.joined(graphs)


def test_values_of_another_graph_are_refused(form):
    if form == "torch":
        pytest.skip("torch's own indices are checked")
    x, edge_index, weight = example(4, torch.float32, True)
    graph = GraphTensors(edge_index, len(x), weight)
    step = {"delta": 0.3, "eps": 1e-3}
    for call in (
        lambda x: kernels.total_variation(x, graph),
        lambda x: kernels.degree_weighted_gtv_propagate(x, graph, **step),
        lambda x: kernels.gtv_layer(x, graph, None, activation="elu", **step),
    ):
        with pytest.raises(ValueError, match="10 rows for a graph of 60"):
            call(x[:10])


def test_edges_without_values_take_no_weights():
    edges, weight = torch.tensor([[0, 0], [1, 2]]), torch.tensor([1.0, 2.0])
    with pytest.raises(ValueError, match="have no weights"):
        GraphTensors.of_sorted(edges, 3, weight, with_values=False)
    bare = GraphTensors.of_sorted(edges, 3, with_values=False)
    with pytest.raises(ValueError, match="2 values for 2 edges"):
        kernels.total_variation(torch.rand(3, 2), bare.with_weight(weight))


def test_nothing_is_derived_before_it_is_asked_for():
    graph = GraphTensors(torch.tensor([[0], [1]]), 2)
    other = graph.with_weight(torch.ones(1)).to(torch.device("meta"))
    assert "neighbourhoods" not in graph.__dict__
    assert other.edge_weight.device.type == "meta"
    assert graph.to(torch.device("cpu")) is graph


def test_the_adjacency_of_weights_that_are_trained_follows_them():
    weight = torch.ones(1).requires_grad_()
    graph = GraphTensors(torch.tensor([[0], [1]]), 2, weight)
    before = graph.adjacency("plain").to_dense()
    with torch.no_grad():
        weight.mul_(3)
    torch.testing.assert_close(graph.adjacency("plain").to_dense(), 3 * before)


def test_memory_of_arrays_is_recycled_and_never_shared():
    like = torch.empty(0)
    with kernels.recycled_memory():
        first, second = kernels.empty(600, 500, like=like), kernels.empty(600, 500, like=like)
        assert first.data_ptr() != second.data_ptr()
        where = first.data_ptr()
        part = first[:10].fill_(7)
        del first
        third = kernels.empty(600, 500, like=like)
        assert third.data_ptr() not in (where, second.data_ptr()), "a part of it is in use"
        del part
        assert kernels.empty(600, 500, like=like).data_ptr() == where
        assert kernels.empty(500, 600, like=like.double()).dtype == torch.float64
    second.fill_(1)
    assert second.sum() == 300_000, "what outlives the recycler keeps its memory"
    assert kernels.empty(2, 3, like=like).shape == (2, 3)


@pytest.mark.parametrize("dtype", TYPES)
def test_dense_product(dtype):
    x, _, _ = example(9, dtype, False)
    weight = torch.randn(9, 5, dtype=dtype)
    results = [values_and_gradients(f, x, weight) for f in (torch.matmul, kernels.feature_product)]
    assert_equal(*results)
