"""The findings that were planted in the sample, counted by the change that each was planted in."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from metrics import measure
from metrics.measure import Window
from metrics.registry import BY_KEY
from tests.metrics.conftest import Shop

# From the first scan on, as far as ninety days have passed.
WINDOW = Window(date(2026, 1, 5), date(2026, 8, 17))
CATEGORIES = ("security", "performance", "correctness", "maintainability")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


@pytest.mark.parametrize("category", [None, *CATEGORIES])
def test_every_finding_that_was_planted_is_found_at_the_change_it_was_planted_in(
    shop: Shop, category: str | None
) -> None:
    landed = {one["landed_sha"]: one for repo in shop.truth["repositories"].values() for one in repo["changes"]}
    began = min(moment(one["first_seen_at"]) for one in shop.truth["findings"])
    planted: Counter[str] = Counter()
    for one in shop.truth["findings"]:
        change = landed[one["introduced"]]
        at = moment(change["landed_at"])
        is_counted = began <= at < datetime(2026, 8, 17) and change["written_by"] != "bot"  # noqa: DTZ001
        assert moment(one["first_seen_at"]) <= max(at, began) + timedelta(days=14)
        if is_counted and category in (None, one["category"]):
            planted[one["introduced"]] += 1

    metric = BY_KEY[f"findings_{category}" if category else "findings_per_kloc"]
    rows = shop.con.execute(metric.sql, {"since": WINDOW.since, "until": WINDOW.until}).fetchall()

    found: Counter[str] = Counter()
    for row in rows:
        found[row[5]] += int(row[6])
    assert +found == planted
    assert sum(planted.values()) > (150 if category is None else 20)
    # Every change with code lines is a unit, those without a finding too: as in churn, over the same weeks.
    churn = shop.con.execute(BY_KEY["churn_90"].sql, {"since": WINDOW.since, "until": WINDOW.until}).fetchall()
    lines = {(row[5], row[3]): row[7] for row in churn if moment(landed[row[5]]["landed_at"]) >= began}
    assert {(row[5], row[3]): row[7] for row in rows} == lines


def test_where_a_tool_writes_unread_scanners_see_more(shop: Shop) -> None:
    cells = measure.cells(shop.con, BY_KEY["findings_per_kloc"], WINDOW)
    by = measure.by(cells[cells["team"] == "payments"], "cohort")
    assert by["ai"].n / by["ai"].d > 1.3 * by["unknown"].n / by["unknown"].d
