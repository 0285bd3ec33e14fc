"""A run as people see it go: a bar on a terminal or in a notebook, plain lines elsewhere."""

from tvgnn_cli.progress.choice import Kind, following, is_watched, showing

__all__ = ["Kind", "following", "is_watched", "showing"]
