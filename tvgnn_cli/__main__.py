"""`python -m tvgnn_cli` is `tvgnn`."""

from tvgnn_cli.cli.main import main

if __name__ == "__main__":
    main()
