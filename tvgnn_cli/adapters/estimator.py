"""TVGNN as an estimator of scikit-learn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    TransformerMixin,
)
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from tvgnn_cli import api
from tvgnn_cli.adapters.adjacencies import (
    graph_of_adjacency,
    neighbour_graph,
    require_features,
    warn_of_graph,
)
from tvgnn_cli.config import FIELDS, ClusterConfig, make_config, without_files
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.methods import METHODS, PARTITION
from tvgnn_cli.run.result import ClusterResult

RENAMED = {"num_clusters": "n_clusters", "seed": "random_state"}
"""Settings that scikit-learn has a name of its own for."""


def _has_network(estimator: TVGNNClustering) -> bool:
    """Tell whether the method gives soft assignments; a name that is none is refused by `fit`."""
    return estimator.method not in METHODS or METHODS[estimator.method].is_trained


class TVGNNClustering(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    ClusterMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Cluster the rows of X, which are the vertices of a graph.

        model = TVGNNClustering(n_clusters=7, random_state=1).fit(X, adjacency=A)
        model.labels_, model.predict_proba(X), model.transform(X)

    Parameters that are not listed are the fields of `ClusterConfig` of the same name; None is what
    the preset and the method say.

    Args:
        n_clusters: K, from 2 to the number of rows; "auto" or "2..20" to have it chosen; None with
            the methods "louvain" and "leiden", which find it.
        n_neighbors: nearest rows that each row is joined to where `fit` is given no adjacency.
        random_state: base of all randomness: an int, a `RandomState` to draw one from, or None for
            numpy's own, which gives other clusters each time.
        consensus: take what `restarts` agree on, in the place of the best of them.
        threads: CPU threads; None for what the scheduler or the machine gives.
        device: "auto", "cpu", "cuda", ...

    Attributes:
        labels_: hard clusters, int64 `[n]`; 0 is the largest.
        assignment_: soft assignment S, float32 `[n, k]`; None of a method that has none.
        stability_: share of the restarts in which each row is in its cluster, float32 `[n]`; None
            without `consensus`.
        n_clusters_: number of clusters, asked for or found; some may be empty.
        n_features_in_, feature_names_in_: of X; its names where it is a DataFrame.
        graph_: what was clustered, a `Graph`.
        result_: the `ClusterResult`, with metrics, notes and the model to save.
    """

    def __init__(
        self,
        n_clusters: int | str | None = 8,
        *,
        n_neighbors: int = 10,
        random_state: Any = 0,
        method: str = "tvgnn",
        preset: str = "default",
        restarts: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        tolerance: float | None = None,
        hidden: int | None = None,
        layers: int | None = None,
        mlp_hidden: int | None = None,
        delta: float | None = None,
        eps: float | None = None,
        degree_weighted: bool | None = None,
        totvar_coeff: float | None = None,
        balance_coeff: float | None = None,
        rho: float | None = None,
        spread_coeff: float | None = None,
        neighbours: int | None = None,
        lr: float | None = None,
        init: Any = None,
        feature_scaling: str | None = None,
        clip_weights: bool | None = None,
        filter_steps: int | None = None,
        filter_keep: float | None = None,
        components: int | None = None,
        view: str | None = None,
        encoder: str | None = None,
        structural: str | None = None,
        precision: str | None = None,
        batch: str | None = None,
        batch_size: int | None = None,
        parts_per_batch: int | None = None,
        min_size: int | None = None,
        connected: str | None = None,
        min_confidence: float | None = None,
        overlap: float | None = None,
        fixed: Any = None,
        consensus: bool = False,
        threads: int | None = None,
        device: str = "auto",
    ) -> None:
        self.n_clusters = n_clusters
        self.n_neighbors = n_neighbors
        self.random_state = random_state
        self.method = method
        self.preset = preset
        self.restarts = restarts
        self.epochs = epochs
        self.patience = patience
        self.tolerance = tolerance
        self.hidden = hidden
        self.layers = layers
        self.mlp_hidden = mlp_hidden
        self.delta = delta
        self.eps = eps
        self.degree_weighted = degree_weighted
        self.totvar_coeff = totvar_coeff
        self.balance_coeff = balance_coeff
        self.rho = rho
        self.spread_coeff = spread_coeff
        self.neighbours = neighbours
        self.lr = lr
        self.init = init
        self.feature_scaling = feature_scaling
        self.clip_weights = clip_weights
        self.filter_steps = filter_steps
        self.filter_keep = filter_keep
        self.components = components
        self.view = view
        self.encoder = encoder
        self.structural = structural
        self.precision = precision
        self.batch = batch
        self.batch_size = batch_size
        self.parts_per_batch = parts_per_batch
        self.min_size = min_size
        self.connected = connected
        self.min_confidence = min_confidence
        self.overlap = overlap
        self.fixed = fixed
        self.consensus = consensus
        self.threads = threads
        self.device = device

    def fit(self, X: Any, y: Any = None, adjacency: Any = None) -> TVGNNClustering:  # noqa: ARG002
        """Cluster the rows of X.

        Args:
            X: features `[n, f]`, an array, a DataFrame or scipy sparse; None for a graph without,
                of which `structural` features are used (or what a networkx graph carries).
            y: ignored: labels never reach training.
            adjacency: the graph, as `graph_of_adjacency` takes it; None for that of each row's
                `n_neighbors` nearest rows, which knows no more than X does.

        Raises:
            ValueError: scikit-learn's, for an X that is no matrix of finite numbers.
            UsageError: settings that cannot work for this graph; neither X nor an adjacency; a
                graph in the place of X.
            InputError: an adjacency that is none or does not fit X.
            TrainingError: training failed.
        """
        graph = self._graph(X, adjacency, fitting=True)
        config, files = self._config(), without_files({"init": self.init, "fixed": self.fixed})[1]
        result = api.cluster(
            graph,
            config=config,
            consensus=self.consensus,
            threads=self.threads,
            device=self.device,
            **files,
        )
        self.graph_, self.result_ = graph, result
        self._made_graph = adjacency is None
        self.labels_, self.assignment_ = result.labels, result.assignment
        self.stability_ = result.stability
        self.n_clusters_ = int(result.metrics["num_clusters"])
        return self

    def predict(self, X: Any, adjacency: Any = None) -> np.ndarray:
        """The cluster of each row, int64 `[n]`, numbered as in `labels_`.

        Without an adjacency, the rows of `fit` have the graph of `fit`; others are joined to their
        nearest among each other where `fit` did so, too.

        Args:
            X: the rows of `fit`, or others with the same features; None as in `fit`.
            adjacency: as for `fit`; of X.

        Raises:
            NotFittedError, ValueError: scikit-learn's.
            UsageError: other rows, of a method without a model, without an adjacency, or where
                `fit` had no X.
            InputError: an adjacency that is none, does not fit X or has no edges.
        """
        labels: np.ndarray = self._predicted(X, adjacency).labels
        return labels

    @available_if(_has_network)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any, adjacency: Any = None) -> np.ndarray:
        """The soft assignment S of each row, float32 `[n, k]`; arguments and errors as of
        `predict`.
        """
        assignment = self._predicted(X, adjacency).assignment
        assert assignment is not None  # methods without one have no such attribute
        return assignment

    def transform(self, X: Any, adjacency: Any = None) -> np.ndarray:
        """The vertex representations X^(L), float32 `[n, hidden]`; arguments and errors as of
        `predict`, and of a method without a model a UsageError.
        """
        check_is_fitted(self)
        model = self.result_.model
        if model is None:
            raise UsageError(f"method '{self.method}' makes no representations; take labels_")
        graph = self._seen(X, adjacency) or self._graph(X, adjacency)
        return api.embed(model, graph, threads=self.threads, device=self.device)

    def _predicted(self, X: Any, adjacency: Any) -> ClusterResult:
        check_is_fitted(self)
        if self._seen(X, adjacency) is not None:
            result: ClusterResult = self.result_
            return result
        if self.result_.model is None:
            raise UsageError(
                f"method '{self.method}' has no model; predict takes the X of fit alone"
            )
        graph = self._graph(X, adjacency)
        return api.predict(self.result_.model, graph, threads=self.threads, device=self.device)

    def _seen(self, X: Any, adjacency: Any) -> Graph | None:
        """The graph of `fit`, if it is the one that is meant."""
        graph: Graph = self.graph_
        if adjacency is not None:
            return None
        if X is None:
            return None if hasattr(self, "n_features_in_") else graph
        rows = self._checked(X)
        if rows.shape != graph.x.shape:
            return None
        return graph if _same(_features(rows, graph), graph.x) else None

    def _checked(self, X: Any, fitting: bool = False) -> Any:
        """X as scikit-learn has it checked, dense or CSR."""
        require_features(X)
        if not fitting and not hasattr(self, "n_features_in_"):
            raise UsageError("X: fit had none; give None")
        kinds = [np.float64, np.float32]
        fewest = 2 if fitting else 1
        return validate_data(
            self, X, accept_sparse="csr", dtype=kinds, reset=fitting, ensure_min_samples=fewest
        )

    def _graph(self, X: Any, adjacency: Any, fitting: bool = False) -> Graph:
        """The graph of these rows, with their features."""
        if X is None and (fitting or not hasattr(self, "n_features_in_")):
            if adjacency is None:
                raise UsageError("give X, an adjacency or both")
            for name in ("n_features_in_", "feature_names_in_"):
                self.__dict__.pop(name, None)
            return graph_of_adjacency(adjacency)
        rows = self._checked(X, fitting)
        if adjacency is not None:
            names = list(X.index) if hasattr(X, "columns") and hasattr(X, "index") else None
            graph = graph_of_adjacency(adjacency, rows.shape[0], names)
        elif fitting or self._made_graph:
            warn_of_graph(X, rows)
            graph = neighbour_graph(rows, self.n_neighbors)
        else:
            raise UsageError("X is not that of fit, which was given an adjacency; give that of X")
        columns = tuple(getattr(self, "feature_names_in_", ()))
        return replace(graph, x=_features(rows, graph), feature_names=columns)

    def _config(self) -> ClusterConfig:
        """The settings that the parameters say."""
        method = METHODS.get(self.method)
        finds = method is not None and method.family == PARTITION
        if finds and self.n_clusters is not None:
            raise UsageError(
                f"n_clusters is {self.n_clusters}, but method '{self.method}' finds its own "
                "number; give None"
            )
        if not finds and self.n_clusters is None:
            raise UsageError(f"n_clusters is None, but method '{self.method}' needs a number")
        named = [name for name in FIELDS if name != "choose_from"]  # which n_clusters takes, too
        given = {name: getattr(self, RENAMED.get(name, name)) for name in named}
        # numpy's numbers, of a grid of parameters say, are no Python numbers.
        given = {k: v.item() if isinstance(v, np.generic) else v for k, v in given.items()}
        if not isinstance(given["seed"], int):
            given["seed"] = int(check_random_state(given["seed"]).randint(2**31 - 1))
        return make_config(without_files(given)[0])

    @property
    def _n_features_out(self) -> int:
        """Columns of `transform`."""
        config, model = self.result_.config, self.result_.model
        if config.layers or model is None:
            return config.hidden
        return int(api.embed(model, self.graph_, threads=self.threads, device=self.device).shape[1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _features(rows: Any, graph: Graph) -> Any:
    """Features in the form that a graph has them in."""
    return read_graph(replace(graph, x=None), features=rows).x


def _same(x: Any, other: Any) -> bool:
    """Tell whether two matrices of features are equal, dense or CSR."""
    if hasattr(x, "nnz") != hasattr(other, "nnz"):
        return False
    return not (x != other).nnz if hasattr(x, "nnz") else bool(np.array_equal(x, other))
