"""Readers of sets of graphs, for classifying graphs: one file for each form; `read.py` is the door,
and has the table of forms.
"""
