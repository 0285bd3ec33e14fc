"""Evidence for clusters, by edges and features and without labels, and what it decides."""
