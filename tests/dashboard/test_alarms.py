"""`twinledger divergence`: every pair at its newest look, and every time the alarm fired."""

import json

from dashboard import alarms
from metrics.divergence import PAIRS
from tests.conftest import Warehouse
from tests.dashboard.conftest import Site, told


def test_every_pair_has_its_look_with_both_trends_or_says_that_there_is_not_enough(shop: Site) -> None:
    text = told("divergence", "--settings", shop.settings)
    looks = json.loads(told("divergence", "--json", "--settings", shop.settings))["looks"]

    assert [(each["adoption"], each["quality"]) for each in looks] == [
        (pair.adoption.key, pair.quality.key) for pair in PAIRS
    ]
    for each in looks:
        assert f"{each['adoption']} / {each['quality']}" in text
        for trend in (each["adoption_trend"], each["quality_trend"]):
            if each["enough_data"]:
                assert trend["units"] > 0
                assert trend["low"] <= trend["rise"] <= trend["high"]
    # Of so few that no trend is told, nothing else is told of people either.
    assert set(looks[-1]["adoption_trend"].values()) == {None}
    # A month of cost has three points in twelve weeks: no trend.
    assert [each["adoption"] for each in looks if not each["enough_data"]] == ["spend"]
    assert text.count("not enough data") == 1


def test_of_nothing_it_says_that_and_no_number(warehouse: Warehouse) -> None:
    warehouse.derive()

    assert alarms.as_text(warehouse.con).count("not enough data") == len(PAIRS)
    assert alarms.as_text(warehouse.con).endswith("No alarm has fired.")
    assert json.loads(alarms.as_json(warehouse.con)) == {
        "looks": [
            {"adoption": pair.adoption.key, "quality": pair.quality.key, "week": None, "enough_data": False}
            for pair in PAIRS
        ],
        "episodes": [],
    }
