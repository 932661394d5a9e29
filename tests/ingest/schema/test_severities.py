"""What incidents weigh: settings over the names that come along, whatever their case."""

import pytest

from ingest import severities
from tests.conftest import Warehouse, sha


def test_settings_go_over_the_weights_that_come_along() -> None:
    weights = dict(severities.weights({"SEV-1": 0.9, "Purple": 0.3}))

    assert (weights["sev1"], weights["purple"], weights["critical"], weights["p2"]) == (0.9, 0.3, 1.0, 0.5)


@pytest.mark.parametrize(
    ("severity", "weight"),
    [("SEV1", 1), ("sev-2", 0.5), ("Sev 3", 0.25), ("P4", 0.125), ("Critical", 1), ("purple", None), (None, None)],
)
def test_an_incident_weighs_what_its_severity_says_and_nothing_is_not_zero(
    warehouse: Warehouse, severity: str | None, weight: float | None
) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-03-02")
    warehouse.incident("1", "2026-03-04", severity=severity, names={"sha": sha("a")})

    warehouse.derive()

    assert warehouse.rows("select incident, share, weight from weighted_incidents") == [("drop:1", 1, weight)]
