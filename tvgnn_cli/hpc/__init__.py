"""Runs that are spread over the tasks of a scheduler."""
