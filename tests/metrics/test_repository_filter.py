"""A reader who looks at one repository sees its cells, and of people those of the whole organisation."""

import pytest

from metrics import measure
from metrics.measure import WEEK, Selection, Window
from metrics.metric import Metric
from metrics.registry import BY_KEY
from tests.metrics.conftest import Shop
from tests.metrics.test_against_the_truth import WINDOW

HALF_A_YEAR = Window(WINDOW.since - 26 * WEEK, WINDOW.until)  # some wait as long before they count


@pytest.mark.parametrize("metric", BY_KEY.values(), ids=BY_KEY)
def test_a_filter_on_a_repository_leaves_its_cells_and_people_work_in_no_one(shop: Shop, metric: Metric) -> None:
    every = measure.cells(shop.con, metric, HALF_A_YEAR)
    repos = sorted(set(every["repo"]))
    if metric.is_of_people:
        assert repos == ["*"]
        assert len(Selection(("shop-api",)).of(metric, every)) == len(every)
        return
    assert len(repos) > 1
    for repo in repos:
        assert set(Selection((repo,)).of(metric, every)["repo"]) == {repo}
