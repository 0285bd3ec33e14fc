"""From a graph as it was read to what the network is given: vertex order, features, start."""
