"""Readers and writers of graphs, features, labels, clusters and states.

`readers.py` has the table of forms that are read.
"""
