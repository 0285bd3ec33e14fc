"""One graph trained by several processes: the team, the share of each, how they meet."""
