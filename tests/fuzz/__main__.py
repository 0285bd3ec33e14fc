"""`python -m tests.fuzz`: mutated inputs for every reader, and a table of what came of them."""

from __future__ import annotations

import argparse
import json
import multiprocessing
from pathlib import Path
from typing import Any

from tests.fuzz.targets import BY_NAME
from tests.fuzz.worker import Findings, keep, serve

SILENT = 60.0
"""Seconds without a word after which a process is taken for one that hangs."""


def main() -> int:
    """Fuzz the targets that are asked for; 1 where an input ended as none may."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(BY_NAME)}; all by default")
    parser.add_argument("--inputs", type=int, default=100_000, metavar="N", help="for each target")
    parser.add_argument("--out", type=Path, default=Path("build/fuzz"), metavar="DIR",
                        help="where counts and inputs that ended badly are kept")  # fmt: skip
    given = parser.parse_args()
    unknown = [name for name in given.targets if name not in BY_NAME]
    if unknown:
        parser.error(f"no target '{unknown[0]}'; known: {', '.join(BY_NAME)}")
    given.out.mkdir(parents=True, exist_ok=True)
    bad = 0
    print(f"{'target':18} {'inputs':>8} {'read':>8} {'refused':>8} {'bad':>6}")
    for name in given.targets or BY_NAME:
        findings, done = run(name, given.inputs, given.out)
        count = sum(findings.counts.values())
        print(f"{name:18} {done:8} {findings.read:8} {findings.refused:8} {count:6}", flush=True)
        for signature, number in findings.counts.most_common():
            print(f"    {number:6}  {signature}  ({findings.found[signature]})", flush=True)
        bad += count
    return int(bad > 0)


def run(name: str, inputs: int, out: Path) -> tuple[Findings, int]:
    """Fuzz one target, from where an earlier run of the same command was left."""
    path = out / f"{name}.json"
    done, findings = _kept(path)
    context = multiprocessing.get_context("spawn")
    while done < inputs:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(
            target=serve, args=(name, done, inputs, str(out / "found"), theirs)
        )
        process.start()
        theirs.close()
        try:
            while done < inputs:
                if not ours.poll(SILENT):
                    raise EOFError
                done, more = ours.recv()
                _add(findings, more)
                path.write_text(json.dumps({"done": done, **vars(findings)}), encoding="utf-8")
        except EOFError:
            done = _death(process, name, out, findings, done)
        finally:
            process.kill()
            process.join()
    return findings, done


def _death(process: Any, name: str, out: Path, findings: Findings, done: int) -> int:
    """Count an input that ended its process; what number goes on after it."""
    process.join(1)
    code = process.exitcode
    signature = "the process hangs" if code is None else f"the process died ({code})"
    current = out / "found" / f".current-{process.pid}"
    if not current.exists():
        signature += " as it made an input"
    findings.counts[signature] += 1
    if current.exists():
        found = keep(out / "found", BY_NAME[name], current.read_bytes(), signature)
        findings.found.setdefault(signature, found)
        current.unlink()
    else:
        findings.found.setdefault(signature, f"of the numbers {done} to {done + 99}")
    return done + 100  # which may lose some of its hundred


def _add(findings: Findings, more: Findings) -> None:
    findings.read += more.read
    findings.refused += more.refused
    findings.counts.update(more.counts)
    for signature, name in more.found.items():
        findings.found.setdefault(signature, name)


def _kept(path: Path) -> tuple[int, Findings]:
    if not path.exists():
        return 0, Findings()
    facts = json.loads(path.read_text(encoding="utf-8"))
    done = facts.pop("done")
    findings = Findings(facts["read"], facts["refused"], facts["found"])
    findings.counts.update(facts["counts"])
    return done, findings


if __name__ == "__main__":
    raise SystemExit(main())
