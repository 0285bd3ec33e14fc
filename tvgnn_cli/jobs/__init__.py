"""Many runs: over settings, over graphs, in parts on a cluster."""
