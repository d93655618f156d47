"""The kind of a file follows from its content alone."""

import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.files.errors import FileRefused
from libs.common.files.kinds import kind_of
from tests.unit.common.files.samples import ILL, WELL, docx, unreadable_docx


def written(folder: Path, content: bytes, name: str = "x") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("media_type", WELL)
def test_a_document_or_picture_is_known_by_its_content(tmp_path: Path, media_type: str) -> None:
    path = written(tmp_path, WELL[media_type], "evil.exe")

    assert kind_of(path).media_type == media_type


@pytest.mark.parametrize("name", ILL)
@pytest.mark.parametrize("called", ["a.pdf", "a.docx"])
def test_anything_else_is_refused_under_any_name(tmp_path: Path, name: str, called: str) -> None:
    with pytest.raises(FileRefused):
        kind_of(written(tmp_path, ILL[name], called))


def test_a_container_is_never_unpacked(tmp_path: Path) -> None:
    path = written(tmp_path, unreadable_docx())

    assert kind_of(path).endings == ("docx",)


def test_a_directory_of_too_many_entries_is_refused_before_it_is_read(tmp_path: Path) -> None:
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
    many = (entry + b"a") * 400_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(many), 0, 0)
    path = written(tmp_path, b"PK\3\4" + many + end)
    tracemalloc.start()
    try:
        with pytest.raises(FileRefused, match="too many files"):
            kind_of(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 2**20


def test_a_directory_of_the_64_bit_form_is_refused(tmp_path: Path) -> None:
    made = docx()
    at = made.rindex(b"PK\5\6")
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)

    with pytest.raises(FileRefused, match="too large"):
        kind_of(written(tmp_path, made[:at] + locator + made[at:]))


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=1, max_size=300))
def test_bytes_after_a_zip_signature_are_refused_and_never_a_fault(
    tmp_path_factory: pytest.TempPathFactory, rest: bytes
) -> None:
    path = written(tmp_path_factory.getbasetemp(), b"PK\3\4" + rest, "fuzz")

    with pytest.raises(FileRefused):
        kind_of(path)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_document_with_bytes_changed_is_taken_or_refused_and_never_a_fault(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    made = bytearray(docx())
    for _ in range(data.draw(st.integers(1, 8))):
        made[data.draw(st.integers(4, len(made) - 1))] = data.draw(st.integers(0, 255))
    path = written(tmp_path_factory.getbasetemp(), bytes(made), "fuzz")

    try:
        assert kind_of(path).endings in {("docx",), ("ofd",), ("xlsx",)}
    except FileRefused as error:
        assert error.status == 415  # noqa: PT017 - either outcome is right
