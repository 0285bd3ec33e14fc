"""Reports of a clustering as one file that needs no network."""
