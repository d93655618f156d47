"""Files to be imported: read with the line of each record, or refused with a clear reason."""

import codecs
import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from sunlight.importing.file import FileRefusedError
from sunlight.importing.run import Options, read
from sunlight.recording.files import MAX_LINE

HEADER = "code,name,item_type,region"
ROW = "C-1,小餐饮登记,行政许可,990100"
ITEMS, ORGANISATION = Options("items"), Options("organisation")


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_rows_are_records_with_their_lines(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"{HEADER}\n{ROW}\n\n{ROW}\n")
    assert [record.line for record in read(path, ITEMS).records] == [2, 4]


def test_empty_cells_say_nothing_and_foreign_columns_are_noted(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"{HEADER},flow,dept\n{ROW},,x\n")

    content = read(path, ITEMS)

    assert content.unused == {"dept"}
    (record,) = content.records
    assert set(record.fields) == {"code", "name", "item_type", "region"}


def test_chinese_columns_are_known(tmp_path: Path) -> None:
    header = "实施编码,事项名称,事项类型,行政区划代码"
    (record,) = read(written(tmp_path / "a.csv", f"{header}\n{ROW}\n"), ITEMS).records
    assert record.fields["name"] == "小餐饮登记"


def test_a_mapping_names_the_columns(tmp_path: Path) -> None:
    mapping = written(tmp_path / "m.yaml", "code: id\nname: title\n")
    path = written(tmp_path / "a.csv", f"id,title,item_type,region\n{ROW}\n")

    (record,) = read(path, Options("items", mapping=mapping)).records

    assert (record.fields["code"], record.fields["name"]) == ("C-1", "小餐饮登记")


@pytest.mark.parametrize("content", ["[1]", "code: [1]", "castle: x", "a: b: c", "\xff"])
def test_a_mapping_that_makes_no_sense_is_refused(tmp_path: Path, content: str) -> None:
    mapping = written(tmp_path / "m.yaml", content.encode("latin-1"))
    path = written(tmp_path / "a.csv", f"{HEADER}\n{ROW}\n")
    with pytest.raises(FileRefusedError, match=r"m\.yaml"):
        read(path, Options("items", mapping=mapping))


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", codecs.BOM_UTF8 + f"{HEADER}\n{ROW}\n".encode())
    assert read(path, ITEMS).records[0].fields["code"] == "C-1"


def test_another_encoding_is_read_when_it_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"{HEADER}\n{ROW}\n".encode("gb18030"))
    (record,) = read(path, Options("items", encoding="gb18030")).records
    assert record.fields["item_type"] == "行政许可"


def test_a_row_in_another_encoding_is_rejected_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"{HEADER}\n{ROW}\n".encode() + f"{ROW}\n".encode("gb18030"))

    content = read(path, ITEMS)

    assert [record.line for record in content.records] == [2]
    assert [reject.line for reject in content.rejects] == [3]
    assert "utf-8" in content.rejects[0].en


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f"实施编码,{HEADER}\n".encode("gb18030"), "is not utf-8 .* --encoding"),
        (f"{HEADER}\n".encode("utf-16"), "is UTF-16"),
        (b"PK\x03\x04rest", "Excel"),
        (b"code,name,region\n", "columns missing: item_type/task_type"),
        (b"", "columns missing: code"),
        (b"code,task_code,name,item_type,region\n", "columns that stand twice: code"),
    ],
)
def test_a_table_without_a_usable_header_is_refused(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(FileRefusedError, match=rf"a\.csv: .*{reason}"):
        read(written(tmp_path / "a.csv", content), ITEMS)


@pytest.mark.parametrize("share", [2, 3])
def test_a_broken_gzip_is_refused_whole(tmp_path: Path, share: int) -> None:
    packed = gzip.compress("".join([HEADER, *(f"\n{n},{ROW}" for n in range(20_000))]).encode())
    path = written(tmp_path / "a.csv.gz", packed[: len(packed) // share])
    with pytest.raises(FileRefusedError, match=r"broken gzip at byte .* nothing imported"):
        read(path, ITEMS)


@pytest.mark.parametrize("name", ["a.csv.gz", "a.yaml.gz", "a.json.gz"])
def test_what_is_no_gzip_at_all_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileRefusedError, match="broken gzip at byte 0"):
        read(written(tmp_path / name, b"no gzip"), ITEMS)


@pytest.mark.parametrize("name", ["a.xlsx", "a.tar.gz", "a", "a.gz", "a.xes"])
def test_other_formats_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileRefusedError, match=r"\.csv, \.yaml"):
        read(written(tmp_path / name, b""), ITEMS)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="no such file"):
        read(tmp_path / "a.csv", ITEMS)


def test_a_line_of_100_megabytes_is_rejected_and_the_next_one_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(f"{HEADER}\n".encode())
        for _ in range(100):
            file.write(b"x" * 1024 * 1024)
        file.write(f"\n{ROW}\n".encode())

    content = read(path, ITEMS)

    assert [record.line for record in content.records] == [3]
    (reject,) = content.rejects
    assert (reject.line, len(reject.value) <= 80) == (2, True)
    assert str(MAX_LINE) in reject.en


@pytest.mark.parametrize(
    "row",
    [f"{ROW},more", "C-1,x", f"C-1,\0,{ROW}", f"C-1,{'x' * 200_000},行政许可,990100"],
    ids=["more", "fewer", "nul", "cell"],
)
def test_a_row_that_can_not_be_read_is_rejected_and_the_next_one_read(
    tmp_path: Path, row: str
) -> None:
    content = read(written(tmp_path / "a.csv", f"{HEADER}\n{row}\n{ROW}\n"), ITEMS)
    assert [reject.line for reject in content.rejects] == [2]
    assert [record.line for record in content.records] == [3]


YAML = """
bodies:
  - code: 0123
    name: 局
    region: 990100

posts:
  - {code: post-1, name: 岗, body: 0123, superior: ~}
"""


def test_yaml_keeps_codes_as_text_and_lines(tmp_path: Path) -> None:
    body, post = read(written(tmp_path / "a.yaml", YAML), ORGANISATION).records

    assert (body.line, post.line) == (3, 8)
    assert body.fields == {"kind": "body", "code": "0123", "name": "局", "region": "990100"}
    assert post.fields == {"kind": "post", "code": "post-1", "name": "岗", "body": "0123"}


def test_json_says_the_same_as_yaml(tmp_path: Path) -> None:
    document = {
        "bodies": [{"code": "0123", "name": "局", "region": "990100"}],
        "posts": [{"code": "post-1", "name": "岗", "body": "0123", "superior": None}],
    }
    path = written(tmp_path / "a.json", json.dumps(document, ensure_ascii=False, indent=2))

    from_json = read(path, ORGANISATION).records

    from_yaml = read(written(tmp_path / "a.yaml", YAML), ORGANISATION).records
    assert [one.fields for one in from_json] == [one.fields for one in from_yaml]
    assert [one.line for one in from_json] == [3, 10]


@pytest.mark.parametrize("text", ["[]", "{}", '{"items": []}', ' [ {"code": "x"} ] ', "[{}, {}]"])
def test_json_lists_of_any_length_are_read(tmp_path: Path, text: str) -> None:
    expected = json.loads(text)
    members = expected if isinstance(expected, list) else expected.get("items", [])
    assert len(read(written(tmp_path / "a.json", text), ITEMS).records) == len(members)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[{}", "line 1 is not JSON"),
        ("[{}\n{}]", "line 2 is not JSON"),
        ("[\n\n{,}]", "line 3 is not JSON"),
        ("[{}] x", "more text"),
        ('{"items" []}', "line 1 is not JSON"),
        ('{"items": [],}', "line 1 is not JSON"),
        ('{"items": {}}', "a list of records is expected under items"),
        ('{"castles": [{}]}', "castles is not known"),
        ('[{"visits": NaN}]', "NaN"),
        ('"text"', "a list of records"),
        ("", "a list of records"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_json_document_of_ours_is_refused(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(FileRefusedError, match=reason):
        read(written(tmp_path / "a.json", text), ITEMS)


BOMB = "- &a [x, x]\n" + "".join(
    f"- &{name} [{', '.join([f'*{before}'] * 20)}]\n"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("items: [", "not YAML"),
        ("items: {a: b}", "a list of records is expected under items"),
        ("text", "a list of records"),
        ("items: &a [*a]", "or an alias"),
        (f"items: {'[' * 40}{']' * 40}", "nested too deeply"),
        (f"items: {'[' * 50_000}", "nested too deeply"),
        (BOMB, "or an alias"),
        ("items:\n- !!python/object/apply:os.system ['x']\n- code: *nobody\n", "or an alias"),
    ],
    ids=["open", "mapping", "text", "itself", "deep", "deeper", "bomb", "alias"],
)
def test_what_is_no_yaml_document_of_ours_is_refused(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(FileRefusedError, match=reason):
        read(written(tmp_path / "a.yaml", text), ITEMS)


def test_yaml_tags_are_not_obeyed(tmp_path: Path) -> None:
    text = "items:\n- name: !!python/object/apply:os.getcwd []\n"
    (record,) = read(written(tmp_path / "a.yaml", text), ITEMS).records
    assert record.fields["name"] == []


def test_a_member_that_is_no_object_is_rejected(tmp_path: Path) -> None:
    content = read(written(tmp_path / "a.json", '[{"code": "x"},\n 7]'), ITEMS)
    assert [(reject.line, reject.value) for reject in content.rejects] == [(2, "7")]


def test_an_organisation_of_more_than_one_transaction_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"body,c{n},x\n" for n in range(10_001))
    with pytest.raises(FileRefusedError, match="at most 10000"):
        read(written(tmp_path / "a.csv", f"kind,code,name\n{rows}"), ORGANISATION)


@pytest.mark.parametrize(("name", "line"), [("a.csv.gz", "body,c,x\n"), ("b.csv.gz", "only-one\n")])
def test_a_table_without_end_is_refused_before_it_is_held(
    tmp_path: Path, name: str, line: str
) -> None:
    """Little gzip holds much: what is not taken is not kept either."""
    path = tmp_path / name
    with gzip.open(path, "wb") as file:
        file.write(b"kind,code,name\n" + line.encode() * 500_000)
    tracemalloc.start()
    try:
        with pytest.raises(FileRefusedError, match="at most 10000"):
            read(path, ORGANISATION)
        assert tracemalloc.get_traced_memory()[1] < 50 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_document_of_more_records_than_fit_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", f"[{','.join(['{}'] * 10_001)}]")
    with pytest.raises(FileRefusedError, match="at most 10000"):
        read(path, ORGANISATION)
