"""A case as commands change it is the row of its table."""

from dataclasses import fields

from services.approval.case.model import Case, CaseTable


def test_a_case_has_the_columns_of_its_table_in_their_order() -> None:
    columns = list(CaseTable.metadata.tables["case"].c.keys())
    assert [field.name for field in fields(Case)] == columns
