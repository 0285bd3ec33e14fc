"""The machine that a run has: processor, threads, device, libraries and their versions."""
