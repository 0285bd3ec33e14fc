"""The one inner form of a graph: ids, undirected edges, features, classes."""
