"""Explanation of clusters: how they lie in the graph, what sets them apart, which vertices stand
for them.
"""
