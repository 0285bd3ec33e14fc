"""Every method of clustering by name: TVGNN, and those it is compared with. Data only.

A method that trains a network end to end is a layer and a loss; the trainer is one for all. Any
other is a module of `tvgnn_cli.baselines` of its name, with a function `embed` (vertices as points,
which k-means then groups) or `find` (labels at once).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tvgnn_cli.machine.libraries import require

END_TO_END, EMBEDDING, PARTITION = "end to end", "embedding", "partition"

COMMON = (
    "method", "preset", "num_clusters", "choose_from", "seed", "min_size", "connected",
    "clip_weights",
)  # fmt: skip
"""Settings that mean something for every method."""

NETWORK = ("hidden", "epochs", "lr")
"""Settings of an embedding that a network makes."""

OF_LAYER = "delta", "eps", "degree_weighted"
OF_LOSS = "rho", "spread_coeff", "neighbours"
"""Settings of `GTVConv` and of Eq. 17 that other layers and losses have no place for."""


@dataclass(frozen=True)
class Method:
    """Method of clustering, and the settings that it starts from.

    Args:
        title: as tables show it.
        family: `END_TO_END`, `EMBEDDING` or `PARTITION`.
        source: who published it.
        features: whether it looks at vertex features.
        layer, loss: of a network that is trained end to end: keys of `models.LAYERS`, and of
            `nn.other_losses.LOSSES` or "tvgnn".
        by_batch: whether it can be trained on batches of a graph.
        is_judged: whether evidence decides which of edges and features it sees.
        uses: settings that it has besides `COMMON`; a method trained end to end has all but what
            it `lacks`.
        settings: what it starts from, whatever the preset.
        published: what `--preset paper` changes: the configuration of the method's own paper, or of
            Table 5's vertex clustering column.
        needs: libraries that are not part of every installation.
        holds: bytes that a method without a network makes for itself, of a vertex and of an edge.
        holds_pairs: bytes of a pair of vertices, of one that makes a matrix of them while that is
            small.
        fills_features: whether it makes dense what was sparse.
        is_geometric: whether it loads PyTorch Geometric.
    """

    title: str
    family: str
    source: str
    features: bool = True
    layer: str = ""
    loss: str = ""
    by_batch: bool = False
    is_judged: bool = False
    uses: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    published: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    holds: tuple[int, int] = (0, 0)
    holds_pairs: float = 0.0
    fills_features: bool = False
    is_geometric: bool = False

    def require(self) -> None:
        """Refuse before any work.

        Raises:
            UsageError: a library that the method needs is not installed.
        """
        for module in self.needs:
            require(module, f"{self.title} needs {module}: pip install 'tvgnn[reproduce]'")

    @property
    def is_trained(self) -> bool:
        return self.family == END_TO_END

    @property
    def lowers_totvar(self) -> bool:
        """Has the paper's loss, with weights that a start may settle."""
        return self.loss == "tvgnn"

    @property
    def has_network(self) -> bool:
        """Has a network, which passes over neighbours are made for."""
        return self.is_trained or set(NETWORK) <= set(self.uses)

    @property
    def lacks(self) -> tuple[str, ...]:
        """Settings of TVGNN that a method trained end to end does not have."""
        layer = () if self.layer == "gtv" else OF_LAYER
        return layer if self.lowers_totvar else (*layer, *OF_LOSS)

    @property
    def groups_points(self) -> bool:
        return self.family == EMBEDDING


LONG: dict[str, Any] = {"epochs": 10_000, "patience": 1000, "tolerance": 1e-3}
"""The paper's epochs, ended when a thousand of them lower the loss by less than a thousandth."""

_WHOLE = {"epochs": 10_000, "patience": 10_000, "tolerance": 0.0}
"""The paper's epochs, all of them."""

_MINCUTPOOL = {
    **_WHOLE, "hidden": 16, "layers": 1, "mlp_hidden": 0, "lr": 5e-4,
    "totvar_coeff": 1.0, "balance_coeff": 1.0,
}  # fmt: skip
"""Bianchi, Grattarola & Alippi (2020), Section 5: one layer of 16 ELU units with a skip connection,
a linear map to the clusters, learning rate 5e-4; rows of features divided by their sum, as in its
authors' code and as the preset has it. B.3 gives DMoN the same; DiffPool has it here too."""

DEFAULT = "tvgnn"

METHODS: dict[str, Method] = {
    "tvgnn": Method(
        "TVGNN", END_TO_END, "Hansen & Bianchi 2023", layer="gtv", loss="tvgnn", by_batch=True,
        is_judged=True,
    ),
    "diffpool": Method(
        "DiffPool", END_TO_END, "Ying et al. 2018", layer="gcn", loss="diffpool",
        published=_MINCUTPOOL,
    ),
    "mincutpool": Method(
        "MinCutPool", END_TO_END, "Bianchi, Grattarola & Alippi 2020", layer="skip", loss="mincut",
        published=_MINCUTPOOL,
    ),
    "dmon": Method(
        "DMoN", END_TO_END, "Tsitsulin et al. 2020", layer="skip", loss="dmon",
        published={**_MINCUTPOOL, "balance_coeff": 0.1},
    ),
    "abl1": Method(
        "ABL1", END_TO_END, "Hansen & Bianchi 2023, Section 4.2: GTVConv, MinCutPool's loss",
        layer="gtv", loss="mincut",
        published={**LONG, "totvar_coeff": 1.0, "balance_coeff": 1.0},
    ),
    "abl2": Method(
        "ABL2", END_TO_END, "Hansen & Bianchi 2023, Section 4.2: GCN, TVGNN's loss",
        layer="gcn", loss="tvgnn", published=LONG,
    ),
    "spectral": Method(
        "SC", EMBEDDING, "Von Luxburg 2007; regularised as by Qin & Rohe 2013", features=False,
        holds=(480, 0),
    ),
    "deepwalk": Method(
        "DeepWalk", EMBEDDING, "Perozzi, Al-Rfou & Skiena 2014", features=False,
        needs=("gensim",),
        holds=(7_600, 0),
    ),
    "node2vec": Method(
        "node2vec", EMBEDDING, "Grover & Leskovec 2016", features=False, needs=("gensim",),
        holds=(7_600, 16),
    ),
    "netmf": Method(
        "NetMF", EMBEDDING, "Qiu et al. 2018", features=False,
        holds=(5_000, 0), holds_pairs=1.4,  # one pair in ten or so has a number
    ),
    "tadw": Method(
        "TADW", EMBEDDING, "Yang et al. 2015", uses=("feature_scaling",),
        holds=(3_000, 0),
    ),
    "bane": Method(
        "BANE", EMBEDDING, "Yang et al. 2018", uses=("feature_scaling",),
        holds=(400, 0), fills_features=True,
    ),
    "tene": Method(
        "TENE", EMBEDDING, "Yang & Yang 2018", uses=("feature_scaling",),
        holds=(2_400, 0),
    ),
    "gae": Method(
        "GAE", EMBEDDING, "Kipf & Welling 2016", uses=("feature_scaling", *NETWORK),
        settings={"hidden": 32, "epochs": 200, "lr": 0.01},
        holds=(1_200, 800), is_geometric=True,
    ),
    "vgae": Method(
        "VGAE", EMBEDDING, "Kipf & Welling 2016", uses=("feature_scaling", *NETWORK),
        settings={"hidden": 32, "epochs": 200, "lr": 0.01},
        holds=(1_600, 800), is_geometric=True,
    ),
    "kmeans": Method(
        "k-means on features", EMBEDDING, "MacQueen 1967", uses=("feature_scaling",),
    ),
    "ssgc": Method(
        "SSGC and k-means", EMBEDDING, "Zhu & Koniusz 2021",
        uses=("feature_scaling", "filter_steps", "filter_keep", "components"),
        settings={"filter_steps": 8, "filter_keep": 0.1, "components": 32},
    ),
    "louvain": Method(
        "Louvain", PARTITION, "Blondel et al. 2008", features=False,
        holds=(1_000, 1_000),
    ),
    "leiden": Method(
        "Leiden", PARTITION, "Traag, Waltman & van Eck 2019", features=False,
        needs=("leidenalg", "igraph"),
        holds=(100, 100),
    ),
}  # fmt: skip
"""By the name that `--method` takes."""
