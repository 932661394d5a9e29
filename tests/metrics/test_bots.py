"""Automation is in neither ledger: from the account that signed a commit to every metric."""

from dataclasses import dataclass
from datetime import date, datetime

from ingest import warehouse as publisher
from ingest.attribution import evidence, rules
from metrics.registry import METRICS
from tests.conftest import Warehouse, sha

NOREPLY = "users.noreply.github.com"
ACCOUNTS = {
    "a": ("Ann Ames", "ann@example.com"),
    "b": ("dependabot[bot]", f"49699333+dependabot[bot]@{NOREPLY}"),
    "c": ("renovate[bot]", f"29139614+renovate[bot]@{NOREPLY}"),
    "d": ("github-actions[bot]", f"41898282+github-actions[bot]@{NOREPLY}"),
    "e": ("acme-release[bot]", "release@example.com"),
}
AT = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - UTC without a zone, as in the warehouse


@dataclass(frozen=True)
class Commit:
    sha: str
    author_name: str
    author_email: str
    committer_name: str = "GitHub"
    committer_email: str = "noreply@github.com"
    message: str = "Bump urllib3 (#310)\n\nSigned-off-by: dependabot[bot] <support@github.com>\n"
    committed_at: datetime = AT


def test_a_bots_change_is_a_bots_and_a_unit_of_no_metric(warehouse: Warehouse) -> None:
    warehouse.repo()
    for begins in ACCOUNTS:
        warehouse.change(begins, str(AT), author=begins, added=10, deleted=5)
        warehouse.born(begins)
    warehouse.change("f", "2026-03-05")
    for run in range(len(ACCOUNTS)):
        warehouse.died(run, 4, "f")
    commits = [Commit(sha(begins), *account) for begins, account in ACCOUNTS.items()]
    publisher.load(warehouse.con, "evidence", evidence.rows("shop", commits, rules.load()))
    warehouse.derive()

    assert warehouse.rows("select landed_sha[:1], cohort from mainline_changes order by all") == [
        ("a", "unknown"), ("b", "bot"), ("c", "bot"), ("d", "bot"), ("e", "bot"), ("f", "unknown"),
    ]  # fmt: skip
    window = {"since": date(2026, 1, 5), "until": date(2026, 11, 30)}
    units = {metric.key: [row[5] for row in warehouse.con.execute(metric.sql, window).fetchall()] for metric in METRICS}
    assert not {unit for found in units.values() for unit in found} & {sha(begins) for begins in "bcde"}
    about_the_person = {key for key, found in units.items() if sha("a") in found}
    assert {"churn", "survival", "revert_rate", "ai_change_share", "ai_line_share"} <= about_the_person
