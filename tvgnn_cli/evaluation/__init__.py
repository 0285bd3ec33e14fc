"""Scores of clusters, with true classes or without: nothing that trains may import this."""
