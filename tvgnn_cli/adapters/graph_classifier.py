"""A classifier of graphs as an estimator of scikit-learn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted

from tvgnn_cli.classification.application import embed_graphs, predict_graphs
from tvgnn_cli.classification.flow import classify
from tvgnn_cli.classification.result import ClassifyResult
from tvgnn_cli.config.classification import CLASSIFY_FIELDS
from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.graph.property_graph import is_gap
from tvgnn_cli.io.given_arrays import as_array
from tvgnn_cli.io.graph_sets.read import read_graph_set


class TVGNNClassifier(
    ClassifierMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Classify graphs.

        model = TVGNNClassifier(random_state=1).fit(graphs, classes)
        model.predict(others), model.predict_proba(others), model.transform(others)

    Parameters that are not listed are the fields of `ClassifyConfig` of the same name; None is what
    the preset says.

    Args:
        random_state: base of all randomness: an int, a `RandomState` to draw one from, or None for
            numpy's own, which gives another model each time.
        threads: CPU threads; None for what the scheduler or the machine gives.
        device: "cpu", "cuda", ...; "auto" is the CPU.

    Attributes:
        classes_: the classes, sorted.
        model_: the `FittedClassifier`.
        result_: the `ClassifyResult` on the graphs that were learned from, with metrics and notes.
    """

    def __init__(
        self,
        *,
        random_state: Any = 0,
        method: str = "tvgnn",
        preset: str = "default",
        pool_sizes: str | None = None,
        hidden: int | None = None,
        layers: int | None = None,
        activation: str | None = None,
        delta: float | None = None,
        eps: float | None = None,
        mlp_layers: int | None = None,
        mlp_hidden: int | None = None,
        mlp_activation: str | None = None,
        scaling: str | None = None,
        validation: float | None = None,
        epochs: int | None = None,
        monitor: str | None = None,
        patience: int | None = None,
        lr: float | None = None,
        batch_size: int | None = None,
        totvar_coeff: float | None = None,
        balance_coeff: float | None = None,
        weight_decay: float | None = None,
        threads: int | None = None,
        device: str = "auto",
    ) -> None:
        self.random_state = random_state
        self.method = method
        self.preset = preset
        self.pool_sizes = pool_sizes
        self.hidden = hidden
        self.layers = layers
        self.activation = activation
        self.delta = delta
        self.eps = eps
        self.mlp_layers = mlp_layers
        self.mlp_hidden = mlp_hidden
        self.mlp_activation = mlp_activation
        self.scaling = scaling
        self.validation = validation
        self.epochs = epochs
        self.monitor = monitor
        self.patience = patience
        self.lr = lr
        self.batch_size = batch_size
        self.totvar_coeff = totvar_coeff
        self.balance_coeff = balance_coeff
        self.weight_decay = weight_decay
        self.threads = threads
        self.device = device

    def fit(self, X: Any, y: Any) -> TVGNNClassifier:
        """Train on graphs.

        Args:
            X: a list of graphs (networkx graphs, scipy matrices, PyG `Data`), or a `GraphSet`.
            y: the class of each.

        Raises:
            InputError: graphs that cannot be learned from, or another number of classes.
            UsageError: a setting that cannot work.
        """
        graphs = read_graph_set(X)
        y = _classes(y, graphs.num_graphs)
        self.classes_ = _distinct(y)
        codes = np.searchsorted(self.classes_, y).astype(np.int64)
        names = tuple(map(str, self.classes_))
        graphs = replace(graphs, y=codes, class_names=names, split=None)
        settings = {n: getattr(self, n) for n in CLASSIFY_FIELDS if n != "seed"}
        self.result_ = classify(
            graphs, threads=self.threads, device=self.device, seed=self._seed(), **settings
        )
        self.model_ = self.result_.model
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Tell the probability of each class, float32 `[g, c]`, in the order of `classes_`."""
        return self._applied(X).probabilities

    def predict(self, X: Any) -> np.ndarray:
        """Tell the class of each graph, `[g]`."""
        codes = self.predict_proba(X).argmax(axis=1)
        found: np.ndarray = self.classes_[codes]
        return found

    def transform(self, X: Any) -> np.ndarray:
        """A vector for each graph, float32 `[g, hidden]`."""
        check_is_fitted(self)
        return embed_graphs(self.model_, self._read(X), threads=self.threads, device=self.device)

    def _applied(self, X: Any) -> ClassifyResult:
        check_is_fitted(self)
        return predict_graphs(self.model_, self._read(X), threads=self.threads, device=self.device)

    def _read(self, X: Any) -> GraphSet:
        """The graphs without the classes that they may carry, which are not asked for."""
        return replace(read_graph_set(X), y=None, class_names=())

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31))


def _classes(y: Any, count: int) -> np.ndarray:
    """The class of each graph.

    Raises:
        InputError: another number of them, or a graph without one.
    """
    if y is None:
        raise InputError("y: is None; give the class of each graph")
    found = as_array(y, "y")
    if found.shape != (count,):
        raise InputError(f"y: has shape {found.shape}; there are {count} graphs")
    # Beside words an array has NaN as the word "nan".
    names = y if isinstance(y, list | tuple) else found.tolist()
    bare = next((i for i, name in enumerate(names) if is_gap(name)), None)
    if bare is not None:
        raise InputError(f"y: graph {bare} has no class; leave out graphs of unknown class")
    return found


def _distinct(y: np.ndarray) -> np.ndarray:
    """The classes, sorted.

    Raises:
        InputError: some have no order, such as numbers and words.
        ValueError: numbers that are no classes, as scikit-learn has it.
    """
    try:
        found: np.ndarray = unique_labels(y)
    except TypeError:
        kinds = sorted({type(each).__name__ for each in y.tolist()})
        raise InputError(
            f"y: classes of several types ({', '.join(kinds)}); give words, or numbers"
        ) from None
    return found
