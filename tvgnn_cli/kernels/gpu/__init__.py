"""Fused forms of the equations for GPUs, in Triton, equal to those of `functional`.

A program works on one vertex: it gathers the rows of its neighbours a few at a time, and adds them
up in their order. No two programs write to one place, so that the same GPU gives the same bytes
twice. Neighbourhoods too long for one program are cut into pieces (`pieces.py`).

Where `TRITON_INTERPRET` is set before this is imported, the kernels run on the CPU, slowly, which
is how tests without a GPU see them.
"""
