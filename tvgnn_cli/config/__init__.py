"""Settings of a run: frozen, validated objects, one for each kind of run."""

from tvgnn_cli.config.clustering import (
    AUTO,
    BOTH,
    EDGES,
    FACTORS,
    FEATURES,
    FIELDS,
    MIXED,
    NONE,
    PRESETS,
    SETTINGS,
    ClusterConfig,
    dump_config,
    make_config,
    settings_of,
)
from tvgnn_cli.config.setting import INPUT, MODEL, TRAINING, Setting, read_config

__all__ = [
    "AUTO",
    "BOTH",
    "EDGES",
    "FACTORS",
    "FEATURES",
    "FIELDS",
    "INPUT",
    "MIXED",
    "MODEL",
    "NONE",
    "PRESETS",
    "SETTINGS",
    "TRAINING",
    "ClusterConfig",
    "Setting",
    "dump_config",
    "make_config",
    "read_config",
    "settings_of",
]
