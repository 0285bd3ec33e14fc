"""What is installed: the wheel's files and metadata, with and without compiled kernels."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.conftest import ROOT

SOURCE = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "CITATION.cff",
          "CHANGELOG.md")  # fmt: skip
BUILD = "from setuptools.build_meta import build_wheel; build_wheel('out')"


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """A copy of what a package is made of."""
    folder = tmp_path_factory.mktemp("source")
    for name in SOURCE:
        shutil.copy(ROOT / name, folder)
    built = shutil.ignore_patterns("*.so", "__pycache__")
    shutil.copytree(ROOT / "tvgnn_cli", folder / "tvgnn_cli", ignore=built)
    return folder


def build(source: Path, **environment: str) -> zipfile.ZipFile:
    """The wheel that comes of it, by the setuptools that is installed."""
    pytest.importorskip("setuptools", minversion="77")
    shutil.rmtree(source / "out", ignore_errors=True)
    subprocess.run(
        [sys.executable, "-c", BUILD], cwd=source, env={**os.environ, **environment}, check=True,
        capture_output=True,
    )  # fmt: skip
    (path,) = (source / "out").glob("*.whl")
    return zipfile.ZipFile(path)


def told(wheel: zipfile.ZipFile, name: str) -> dict[str, list[str]]:
    """The fields of one of a wheel's own files."""
    (path,) = (path for path in wheel.namelist() if path.endswith(f".dist-info/{name}"))
    message = message_from_bytes(wheel.read(path))
    return {key: message.get_all(key) for key in message}


def test_a_pure_wheel_serves_every_platform_and_has_every_file(source):
    wheel = build(source, TVGNN_PURE="1")
    assert Path(wheel.filename).name.endswith("-py3-none-any.whl")
    about = told(wheel, "WHEEL")
    assert about["Root-Is-Purelib"] == ["true"]
    assert about["Tag"] == ["py3-none-any"]
    package = source / "tvgnn_cli"
    wanted = {str(p.relative_to(source)) for p in package.rglob("*") if p.suffix not in (".c", ".h")
              and p.is_file()}  # fmt: skip
    assert {name for name in wheel.namelist() if name.startswith("tvgnn_cli/")} == wanted
    metadata = told(wheel, "METADATA")
    assert metadata["License-Expression"] == ["MIT"]
    assert metadata["License-File"] == ["LICENSE", "tvgnn_cli/report/assets/sigma.LICENSE.txt"]
    assert metadata["Author"] == ["the tvgnn developers"]
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())


def test_scripts_of_others_are_those_that_are_named_and_carry_their_licences():
    folder, assets = ROOT / "vendor" / "sigma", ROOT / "tvgnn_cli" / "report" / "assets"
    wanted = json.loads((folder / "package.json").read_text())["devDependencies"]
    script = (assets / "sigma.min.js").read_text(encoding="utf-8")
    licence = (assets / "sigma.LICENSE.txt").read_text(encoding="utf-8")
    assert script.startswith("/*! ")
    for name in ("sigma", "graphology"):
        assert f"{name} {wanted[name]}" in script.partition("\n")[0]
    assert licence in script
    assert licence.count("Permission is hereby granted, free of charge") == 4


def test_a_machine_without_a_compiler_builds_what_works_without_kernels(source, tmp_path):
    copy = shutil.copytree(source, tmp_path / "copy")
    wheel = build(copy, CC="false")
    assert not [name for name in wheel.namelist() if name.endswith(".so")]
    assert "tvgnn_cli/kernels/library.py" in wheel.namelist()


def test_the_citation_is_of_this_version_and_its_paper():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    citation = (ROOT / "CITATION.cff").read_text()
    own, _, paper = citation.partition("preferred-citation:")
    assert re.search(r"^version: (.+)$", own, re.M)[1] == settings["project"]["version"]
    assert f"license: {settings['project']['license']}\n" in own
    assert "2211.06218" in paper
    assert settings["project"]["urls"]["Paper"].endswith("2211.06218")
