"""Clusters after they are found: their numbers beside those of earlier ones."""
