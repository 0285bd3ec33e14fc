"""Settings: ranges and choices of every field, at their ends and beyond."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from tvgnn_cli.config import FIELDS, SETTINGS, ClusterConfig
from tvgnn_cli.errors import UsageError

RANGES = [name for name, known in SETTINGS.items() if known.within is not None]
CHOSEN = [name for name, known in SETTINGS.items() if known.choices]


@pytest.mark.parametrize("name", RANGES)
def test_the_ends_of_a_range_are_in_it_and_nothing_beyond(name):
    known, config = SETTINGS[name], ClusterConfig()
    low, high = known.within
    is_whole = str(FIELDS[name].type).startswith("int")
    for value in (low, high):
        if not math.isinf(value):
            assert getattr(replace(config, **{name: value}), name) == value
    below = low - 1 if is_whole else math.nextafter(low, -math.inf)
    above = high + 1 if is_whole else math.nextafter(high, math.inf)
    nowhere = () if is_whole else (math.nan,)
    for value in (below, *(() if math.isinf(high) else (above,)), *nowhere):
        with pytest.raises(UsageError, match=rf"^`{name}` is .*; {re.escape(known.needs)}$"):
            replace(config, **{name: value})


@pytest.mark.parametrize("name", CHOSEN)
def test_a_choice_is_one_of_those_that_are_named(name):
    config = ClusterConfig()
    for value in SETTINGS[name].choices:
        assert getattr(replace(config, **{name: value}), name) == value
    for value in ("nothing of these", None):
        with pytest.raises(UsageError, match=f"^`{name}` is "):
            replace(config, **{name: value})


def test_a_setting_is_in_a_range_a_choice_a_flag_or_words():
    flags = {name for name, entry in FIELDS.items() if str(entry.type).startswith("bool")}
    words = {"choose_from"}
    assert {*RANGES, *CHOSEN} | flags | words == set(FIELDS)
    assert not {*RANGES} & {*CHOSEN}
    for name, entry in FIELDS.items():
        assert (entry.default is None) == bool(SETTINGS[name].shown), name
