"""Files of states and of rows that no run of ours wrote: refused by name, or read whole."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch

from tests.damage import drop
from tvgnn_cli.errors import InputError
from tvgnn_cli.io import json_text
from tvgnn_cli.io.json_text import parse_object, read_object, signed, unsigned
from tvgnn_cli.io.state_file import KEY, State, read_facts, read_state, write_state
from tvgnn_cli.jobs.ledger import FORMAT_KEY, Entry, read_row

KIND = "tvgnn-test-1", "a test"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "no object"),
        ("3", "no object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' * 100_000, "nested too deeply"),
        ('{"a": {"b": 1, "b": 2}}', "the key 'b' more than once"),
        ('{"a": "\\ud800"}', "not Unicode"),
        ('{"a": ' + "9" * 5000 + "}", "a number of 5,000 digits"),
        ("{", "Expecting"),
    ],
)
def test_json_is_one_object_that_can_be_held(text, said):
    with pytest.raises(ValueError, match=said):
        parse_object(text)


def test_json_of_any_size_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(json_text, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match="more than 10 bytes"):
        parse_object('{"a": 12345}')
    with pytest.raises(ValueError, match="no regular file"):
        read_object(tmp_path)
    assert parse_object('{"a": 123}') == {"a": 123}


def test_a_checksum_is_of_all_facts():
    kept = signed({"a": 1.5, "b": [None, "é"]})
    assert unsigned(kept) == {"a": 1.5, "b": [None, "é"]}
    for wrong in ({**kept, "a": 1.25}, {**kept, "c": 1}, drop(kept, "b"), drop(kept, "checksum")):
        with pytest.raises(ValueError, match="its checksum is not that of what it holds"):
            unsigned(wrong)


def test_no_byte_of_a_state_can_be_another(tmp_path):
    path = tmp_path / "a.tvgnn"
    tensors = {"w": torch.arange(6.0).reshape(2, 3), "n": torch.tensor([1, 2])}
    write_state(path, KIND[0], State(tensors, {"seed": 3}))
    whole = path.read_bytes()
    known = read_state(path, *KIND)
    assert known.facts == {"seed": 3} == read_facts(path, *KIND)
    assert known.path == path
    refused = []
    for place in range(8, len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            found = read_state(path, *KIND)
        except InputError as error:
            refused.append(str(error).removeprefix(str(path)))
        else:  # a blank that is another one
            assert found.facts == known.facts
            assert all(torch.equal(found.tensors[name], tensors[name]) for name in tensors)
    assert len(refused) > len(whole) - 20, "blanks that fill the header"
    assert all(said.startswith(": is ") and "\n" not in said for said in refused)


def packed(facts: object, header: dict[str, object] | None = None, data: bytes = b"") -> bytes:
    """A safetensors file with these facts, as text or to be written as JSON."""
    text = facts if isinstance(facts, str) else json.dumps(facts)
    head = json.dumps({"__metadata__": {KEY: text}, **(header or {})}).encode()
    return len(head).to_bytes(8, "little") + head + data


def tensor(dtype: str, shape: list[int], end: int = 0) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [0, end]}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 8,
        (14 * 2**40).to_bytes(8, "little") + b"{}",
        packed("[" * 50_000),
        packed("null"),
        packed({"format": ["tvgnn-test-1"]}),
        packed({"format": "tvgnn-test-1"}),
        packed({"format": "tvgnn-test-1\n\x1b[31m"}),
        packed({}, {"w": tensor("F32", [10**12])}),
        packed({}, {"w": tensor("F32", [2**62, 4, 0])}),
        packed({}, {"w": tensor("F32", [1] * 80, 4)}, bytes(4)),
        packed({}, {"w": tensor("F8_E4M3", [1], 1)}, bytes(1)),
        packed({}, {"w": tensor("BF16", [1], 2)}, bytes(2)),
        packed({}, {"w": tensor("C64", [0])}),
    ],
)
def test_a_file_that_is_no_state_is_refused_in_one_line(tmp_path, data):
    path = tmp_path / "a.tvgnn"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_state(path, *KIND)
    said = str(caught.value).removeprefix(str(path))
    assert said.isprintable()
    assert len(said) < 250


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(InputError, match="no regular file"):
            read_state(path, *KIND)


def test_a_row_is_what_was_kept_or_refused(tmp_path):
    entry = Entry(tmp_path / "row.json", "1")
    entry.keep({"nmi": 0.5, "confusion": [[1, 2], [3, 4]]})
    whole = entry.path.read_text()
    assert entry.read() == {"nmi": 0.5, "confusion": [[1, 2], [3, 4]]}
    older = json.dumps({"nmi": 0.5})
    entry.path.write_text(older)
    assert entry.read() == {"nmi": 0.5}, "a row of before, without a checksum"
    damaged = (
        whole.replace("0.5", "0.6"), whole.replace("checksum", "checksun"),
        whole.replace(FORMAT_KEY, "row_formau"), json.dumps(signed({FORMAT_KEY: 3, "nmi": 0.5})),
        '{"nmi": [1]}', '{"nmi": {}}', '{"confusion": 3}', "[" * 10_000, f'{{"nmi": {10**50}}}',
    )  # fmt: skip
    for text in damaged:
        entry.path.write_text(text)
        with pytest.raises(InputError, match=r"row\.json: is not a row that tvgnn saved \("):
            entry.read()
    with pytest.raises(ValueError, match="no regular file"):
        read_row(tmp_path)
