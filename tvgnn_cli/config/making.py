"""Settings of a clustering from what is given: preset, method, file, single ones; and as TOML."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tvgnn_cli.config.clustering import BOTH, FIELDS, PRESETS, SETTINGS, ClusterConfig
from tvgnn_cli.config.numbers import split_number
from tvgnn_cli.config.other_names import suggestion
from tvgnn_cli.config.setting import to_toml, typed
from tvgnn_cli.errors import UsageError, did_you_mean
from tvgnn_cli.methods import COMMON, DEFAULT, METHODS, PARTITION


def make_config(
    settings: dict[str, Any],
    file: dict[str, Any] | None = None,
    beside: Collection[str] = (),
) -> ClusterConfig:
    """Preset and method, then configuration file, then `settings`; None in `settings` means not
    given.

    Args:
        settings: by name.
        file: those of a configuration file.
        beside: what else the caller takes by name; an unknown name may be meant for one of them.

    Raises:
        UsageError: an unknown name, a value of the wrong type or out of range, a setting that the
            method does not have.
    """
    if not isinstance(settings, Mapping):
        raise UsageError(f"settings are {settings!r}; give values by name, {{'num_clusters': 7}}")
    given = {**(file or {}), **{key: v for key, v in settings.items() if v is not None}}
    given = _with_number(given)
    for name in given:
        if name not in FIELDS:
            known = list(dict.fromkeys([*FIELDS, *beside]))
            raise UsageError(f"unknown setting '{name}'.{suggestion(str(name), known)}")
    preset = given.get("preset", "default")
    if not isinstance(preset, str) or preset not in PRESETS:
        raise UsageError(f"`preset` is '{preset}'.{did_you_mean(str(preset), PRESETS)}")
    values = {**PRESETS[preset], **_method_settings(given, preset), **given}
    return ClusterConfig(**{name: typed(FIELDS[name], value) for name, value in values.items()})


def _with_number(given: dict[str, Any]) -> dict[str, Any]:
    """Settings in which `num_clusters` is no text: that of several numbers is `choose_from`."""
    one, several = split_number(given.get("num_clusters"))
    if several is None:
        return given if one is given.get("num_clusters") else {**given, "num_clusters": one}
    rest = {name: value for name, value in given.items() if name != "num_clusters"}
    return {**rest, "choose_from": several}


def _method_settings(given: dict[str, Any], preset: str) -> dict[str, Any]:
    """Settings that the method starts from in the place of the preset's values."""
    name = given.get("method", DEFAULT)
    if not isinstance(name, str) or name not in METHODS:
        raise UsageError(f"`method` is '{name}'.{did_you_mean(str(name), METHODS)}")
    method = METHODS[name]
    for each in given:
        if each not in settings_of(name):
            told = "num_clusters" if each == "choose_from" else each
            raise UsageError(f"`{told}`: `method` {name} has no such setting; leave it out")
    view = {} if method.is_judged else {"view": BOTH}  # which is all that the others were made for
    return {**view, **method.settings, **(method.published if preset == "paper" else {})}


def settings_of(name: str) -> tuple[str, ...]:
    """The settings that a method has."""
    method = METHODS[name]
    if method.is_trained:
        return tuple(setting for setting in FIELDS if setting not in method.lacks)
    free = ("num_clusters", "choose_from") if method.family == PARTITION else ()
    return tuple(setting for setting in (*COMMON, *method.uses) if setting not in free)


def dump_config(config: ClusterConfig, **given: Any) -> str:
    """TOML that `read_config` reads back, of the settings that the method has; those that are None
    are left out. Values that are `given`, such as names of files, stand in the place of others.
    """
    values = {name: getattr(config, name) for name in FIELDS if name in settings_of(config.method)}
    several = values.pop("choose_from", None)
    number = {} if several is None else {"num_clusters": several}
    return to_toml({**values, **number, **{n: value for n, value in given.items() if value}})


def without_files(settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings, and apart from them partitions that are given where a setting has a few choices:
    names of files, or values in memory.
    """
    files = {
        name: value
        for name, value in settings.items()
        if name in SETTINGS and SETTINGS[name].is_open and value is not None
        and not (isinstance(value, str) and value in SETTINGS[name].choices)
    }  # fmt: skip
    return {name: value for name, value in settings.items() if name not in files}, files
