"""`python -m tests.fuzz.guided TARGET`: inputs that reach new lines of ours are changed further.

Needs atheris (libFuzzer for Python). Options after the target are libFuzzer's, such as
`-max_total_time=300`; an input that ends badly is kept in `build/fuzz/guided/`.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["tvgnn_cli"]):
    import tvgnn_cli.api
    import tvgnn_cli.jobs.merge  # noqa: F401
    from tests.fuzz.targets import BY_NAME
    from tests.fuzz.worker import Findings, empty_folder, outcome


def main() -> None:
    """Fuzz one target until it is ended."""
    name, *options = sys.argv[1:] or [""]
    if name not in BY_NAME:
        sys.exit(f"name a target: {', '.join(BY_NAME)}")
    target, kept = BY_NAME[name], Path("build/fuzz/guided").resolve()
    start = kept / name
    start.mkdir(parents=True, exist_ok=True)
    for i, data in enumerate(target.start()):
        (start / f"start-{i}").write_bytes(data)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < 0.3:
            return bytes(atheris.Mutate(data, most))
        with suppress(Exception):  # of a mutator that meets its own work again
            return target.mutate(data, random)[:most]
        return data

    with empty_folder() as folder:

        def test(data: bytes) -> None:
            signature = outcome(target, data, folder, Findings())
            if signature:
                raise RuntimeError(signature)

        given = [sys.argv[0], f"-artifact_prefix={kept}/{name}-", "-max_len=65536", *options]
        atheris.Setup([*given, str(start)], test, custom_mutator=mutate)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
