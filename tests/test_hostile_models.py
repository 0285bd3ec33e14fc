"""Models that no run of ours wrote, with checksums that are right: each is refused by name."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

import tvgnn_cli
from tests.damage import SMALL, changed, drop, is_refused
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.state_file import State, write_state
from tvgnn_cli.models import build_model, model_file
from tvgnn_cli.models.weights import forms_of


@pytest.fixture(scope="module")
def result(ten):
    return tvgnn_cli.cluster(ten, 2, **SMALL)


@pytest.fixture(scope="module")
def model(result):
    """A model as its file has it."""
    return model_file.model_state(result.model)


def test_forms_of_weights_are_those_of_the_network(result):
    config = result.config
    forms = forms_of(lambda: build_model(config, 4))
    assert forms == {n: (v.dtype, tuple(v.shape)) for n, v in result.model.state.items()}
    huge = replace(config, hidden=65_536, layers=64)
    assert forms_of(lambda: build_model(huge, 4))["layers.63.weight"][1] == (
        65_536, 65_536,
    )  # fmt: skip


def test_a_network_that_cannot_be_counted_is_refused():
    with pytest.raises(ValueError, match="a network that nothing can hold"):
        forms_of(lambda: torch.nn.Linear(2**40, 2**40))


CONFIG, RECIPE = ("config",), ("recipe",)

FACTS = {
    "no part": ((), lambda f: drop(f, "recipe"), "it has no recipe"),
    "another part": ((), lambda f: f | {"q": 1}, "it has q, which is unknown"),
    "a part of a part": (CONFIG, lambda f: drop(f, "hidden"), "it has no config.hidden"),
    "a text for a number": ((*CONFIG, "hidden"), "4", "config.hidden is '4'; needs to be a whole"),
    "a bool for a number": ((*CONFIG, "hidden"), True, "config.hidden is True"),
    "a fraction": ((*CONFIG, "num_clusters"), 2.5, "config.num_clusters is 2.5"),
    "no clusters": ((*CONFIG, "num_clusters"), None, "no network"),
    "no method of ours": ((*CONFIG, "method"), "louvain", "no network"),
    "a huge number": ((*CONFIG, "seed"), 10**40, "whole number of more than 63 bits"),
    "NaN": ((*CONFIG, "eps"), float("nan"), "config.eps is nan"),
    "clusters without end": ((*CONFIG, "num_clusters"), 2**60, "`num_clusters` is 11529"),
    "too many clusters": ((*CONFIG, "num_clusters"), 2**31 - 1, "is float32 [2, 4]; needs to be"),
    "another width": ((*CONFIG, "hidden"), 65_536, "state.layers.0.weight is float32"),
    "steps without end": ((*RECIPE, "filter_steps"), 10**9, "needs to be from 0 to 1000"),
    "steps below 0": ((*RECIPE, "filter_steps"), -1, "needs to be from 0 to 1000"),
    "a share above 1": ((*RECIPE, "filter_keep"), 1.5, "recipe.filter_keep is 1.5"),
    "scaling that is none": ((*RECIPE, "scaling"), "auto", "recipe.scaling is 'auto'; known"),
    "another scaling": ((*RECIPE, "scaling"), "none", "recipe.offset is float32"),
    "another source": ((*RECIPE, "source"), "spectral", "has no features to scale"),
    "features below 0": ((*RECIPE, "num_features"), -6, "recipe.num_features is -6"),
    "other features": ((*RECIPE, "num_features"), 7, "recipe.offset is float32"),
    "names of fewer": ((*RECIPE, "feature_names"), ["a"], "recipe.feature_names are 1"),
    "a name that is none": ((*RECIPE, "feature_names"), [1], "recipe.feature_names[0] is 1"),
    "a loss that is none": (("history",), [None], "history[0] is None"),
    "a seed that is none": (("provenance", "best_seed"), "x", "provenance.best_seed is 'x'"),
    "a list of metrics": (("provenance", "loss"), [1], "provenance.loss is a list"),
    "text for the eye": ((*CONFIG, "view"), "a\n\x1b[31m" + "b" * 500, "`view` is 'a"),
}


@pytest.mark.parametrize("name", FACTS)
def test_facts_of_a_model_are_compared_with_its_schema(tmp_path, model, name):
    place, value, said = FACTS[name]
    path = tmp_path / "m.tvgnn"
    facts = json.loads(json.dumps(model.facts))
    write_state(path, model_file.FORMAT, State(model.tensors, changed(facts, place, value)))
    is_refused(path, said, tvgnn_cli.load_model)


FIRST = "state.layers.0.weight"
TENSORS = {
    "no weight": (lambda t: drop(t, FIRST), f"it has no {FIRST}"),
    "another weight": (lambda t: t | {"state.q": t[FIRST].clone()}, "it has 'state.q', which"),
    "another tensor": (lambda t: t | {"q": t[FIRST].clone()}, "it has 'q', which is unknown"),
    "no array": (lambda t: drop(t, "recipe.basis"), "it has no recipe.basis"),
    "NaN": (lambda t: t | {FIRST: t[FIRST] * float("nan")}, "has values that are no numbers"),
    "inf": (lambda t: t | {"recipe.basis": t["recipe.basis"] / 0}, "recipe.basis has values"),
    "float64": (lambda t: t | {FIRST: t[FIRST].double()}, f"{FIRST} is float64"),
    "one row": (lambda t: t | {FIRST: t[FIRST][:1]}, f"{FIRST} is float32 [1, 4]"),
    "no rows": (lambda t: t | {FIRST: torch.zeros(10**12, 0)}, f"{FIRST} is float32 [1000000"),
    "one dimension": (lambda t: t | {FIRST: t[FIRST].flatten()}, f"{FIRST} is float32 [16]"),
    "fewer directions": (
        lambda t: t | {"recipe.basis": t["recipe.basis"][:, :1].contiguous()}, FIRST,
    ),
    "another shift": (lambda t: t | {"recipe.shift": torch.zeros(9)}, "recipe.shift is float"),
}  # fmt: skip


@pytest.mark.parametrize("name", TENSORS)
def test_tensors_of_a_model_are_those_that_its_facts_ask_for(tmp_path, model, name):
    change, said = TENSORS[name]
    path = tmp_path / "m.tvgnn"
    write_state(path, model_file.FORMAT, State(change(model.tensors), model.facts))
    is_refused(path, said, tvgnn_cli.load_model)


def test_a_network_without_numbers_for_a_vertex_is_told(tmp_path, ten, model):
    path = tmp_path / "m.tvgnn"
    large = {n: torch.full_like(v, 3e38) if n.startswith("state") else v
             for n, v in model.tensors.items()}  # fmt: skip
    write_state(path, model_file.FORMAT, State(large, model.facts))
    found = tvgnn_cli.load_model(path)
    for use in (tvgnn_cli.predict, tvgnn_cli.embed):
        with pytest.raises(InputError, match="the network has no number for vertex"):
            use(found, ten, threads=1)


def test_models_of_before_are_of_another_version(tmp_path, model):
    path = tmp_path / "m.tvgnn"
    write_state(path, "tvgnn-model-1", model)
    with pytest.raises(InputError, match=r"of another version \(tvgnn-model-1, not tvgnn-model-2"):
        tvgnn_cli.load_model(path)
