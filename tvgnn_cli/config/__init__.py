"""Settings of a run: frozen, validated objects, one for each kind of run."""

from tvgnn_cli.config.classification import (
    CLASSIFIERS,
    CLASSIFY_FIELDS,
    CLASSIFY_SETTINGS,
    ClassifyConfig,
    make_classify_config,
)
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
    "CLASSIFIERS",
    "CLASSIFY_FIELDS",
    "CLASSIFY_SETTINGS",
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
    "ClassifyConfig",
    "ClusterConfig",
    "Setting",
    "dump_config",
    "make_classify_config",
    "make_config",
    "read_config",
    "settings_of",
]
