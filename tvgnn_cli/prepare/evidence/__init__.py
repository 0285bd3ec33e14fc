"""How far edges and features speak for clusters, without labels; what that decides."""
