"""`python -m tvgnn_cli` is `tvgnn`."""

from tvgnn_cli.cli.main import run

if __name__ == "__main__":
    run()
