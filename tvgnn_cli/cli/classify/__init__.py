"""`tvgnn classify`: train a classifier of graphs, use it, and tell how well it does."""

from __future__ import annotations

import typer

from tvgnn_cli.cli.classify.cv import cv
from tvgnn_cli.cli.classify.embed import embed
from tvgnn_cli.cli.classify.predict import predict
from tvgnn_cli.cli.classify.train import train
from tvgnn_cli.cli.help import Command, Group

classify = typer.Typer(
    name="classify",
    cls=Group,
    no_args_is_help=True,
    help="Classify graphs: train on some, tell the classes of others, cross-validate.",
)

for command in (train, predict, embed, cv):
    classify.command(cls=Command)(command)
