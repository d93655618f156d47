"""Lighthouse on pages of each kind, in the full run alone: it takes half a minute a page.

`make lighthouse` judges every page.
"""

import pytest

from tests import needs
from tests.browser.lighthouse import CHOSEN, judged
from tests.browser.tour import Tour

pytestmark = pytest.mark.browser


@pytest.mark.timeout(900)
@pytest.mark.skipif(not needs.all_required(), reason="only in the full run: SUNLIGHT_REQUIRE_ALL=1")
def test_pages_of_each_kind_are_accessible_well_made_and_found(demo: str) -> None:
    verdicts = list(judged(Tour.of(demo), CHOSEN))
    assert {one.sight.name for one in verdicts} == set(CHOSEN)
    assert {one.sight.name: one.faults() for one in verdicts if one.faults()} == {}
