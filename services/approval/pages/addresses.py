"""Addresses of the window's pages, and of the monitor's page that explains a date."""

from __future__ import annotations

from urllib.parse import quote


def case(case_no: str) -> str:
    """The page of one case."""
    return f"/window/cases/{quote(case_no)}"


def step(case_no: str, action: str) -> str:
    """Where the form of a step goes."""
    return f"{case(case_no)}/{action}"


def materials(case_no: str) -> str:
    """Where the page's form takes a material in."""
    return f"{case(case_no)}/materials"


def material(case_no: str, number: int) -> str:
    """A material's file, to be saved."""
    return f"/api/approval/v1/cases/{quote(case_no)}/materials/{number}/file"


def material_withdrawn(case_no: str, number: int) -> str:
    """Where the form goes that withdraws a material."""
    return f"{materials(case_no)}/{number}/withdraw"


def receipt(case_no: str) -> str:
    """The notice of acceptance or refusal, to print."""
    return f"{case(case_no)}/receipt"


def progress(case_no: str) -> str:
    """The applicant's own page of a case."""
    return f"/cases/{quote(case_no)}"


def why(case_no: str, rule: str) -> str:
    """The monitor's explanation of a date, day by day."""
    return f"/monitor/why/case/{quote(case_no)}/{quote(rule)}"
