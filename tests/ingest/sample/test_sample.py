"""The sample organisation is real git, real files, and keeps the promises of its story."""

import csv
import filecmp
import hashlib
import json
import math
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ingest.sample import build

DROP = (
    "people.csv",
    "usage_days.csv",
    "seats.csv",
    "deployments.csv",
    "incidents.jsonl",
    "causes.csv",
    "work_logs.csv",
)
TEAMS = ("payments", "search", "web", "platform")
HORIZON = datetime(2026, 11, 16, 2, tzinfo=UTC).timestamp()
BEFORE, AFTER = ("2026-W19", "2026-W30"), ("2026-W31", "2026-W42")

# Written apart from the sample: what a reader of these histories may count as a mark.
MARK = re.compile(
    r"^(?:co-authored-by: .*<(?:noreply@anthropic\.com|223556219\+Copilot@users\.noreply\.github\.com"
    r"|aider@aider\.chat)>|made-with: cursor|claude-session: .*|copilot-session: .*|agent-logs-url: .*)$",
    re.IGNORECASE | re.MULTILINE,
)
MARKED_AUTHOR = re.compile(r"\(aider\) <|<cursoragent@cursor\.com>|<198982749\+Copilot@users\.noreply\.github\.com>")


@dataclass
class Organisation:
    folder: Path
    truth: dict[str, Any]

    def git(self, repo: str, *words: str) -> str:
        command = ["git", "--git-dir", str(self.folder / "repos" / f"{repo}.git"), *words]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / "drop" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def incidents(self) -> list[dict[str, Any]]:
        text = (self.folder / "drop" / "incidents.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.split("\n")[:-1]]

    def changes(self) -> list[dict[str, Any]]:
        return [dict(one, repo=repo) for repo, row in self.truth["repositories"].items() for one in row["changes"]]

    def ordinary(self) -> list[dict[str, Any]]:
        special = ("first", "format")
        changes = (one for one in self.changes() if one["written_by"] != "bot" and not one["reverts"])
        return [one for one in changes if one["kind"] not in special]

    def causes(self) -> set[str]:
        return {one["cause_sha"] for one in self.truth["incidents"] if one["cause_sha"]}


def read(folder: Path) -> Organisation:
    return Organisation(folder, json.loads((folder / "truth.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def shop(sample: Path) -> Organisation:
    return read(sample)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def week(change: dict[str, Any]) -> str:
    return f"{moment(change['landed_at']):%G-W%V}"


def share(changes: list[dict[str, Any]], key: str, value: object) -> float:
    return sum(bool(one[key] == value) for one in changes) / len(changes)


def excess(changes: list[dict[str, Any]], bad: set[str]) -> float:
    """How many standard errors more of the later changes went wrong than of the earlier ones."""
    rates = []
    for since, until in (BEFORE, AFTER):
        chosen = [one for one in changes if since <= week(one) <= until]
        rates.append((sum(one["landed_sha"] in bad for one in chosen) / len(chosen), len(chosen)))
    (before, n), (after, m) = rates
    return float(after - before) / math.sqrt(before * (1 - before) / n + after * (1 - after) / m)


def test_two_builds_are_the_same_to_the_byte(shop: Organisation, tmp_path: Path) -> None:
    # Another process with another hash seed, over the remains of an earlier build.
    again = tmp_path / "again"
    (again / "drop").mkdir(parents=True)
    (again / "truth.json").write_text("{}")
    script = "import sys, pathlib; from ingest.sample import build; build(pathlib.Path(sys.argv[1]), 1)"
    root = str(Path(__file__).parents[3])
    environment = {"PYTHONHASHSEED": "77", "PATH": os.environ["PATH"], "PYTHONPATH": root}
    subprocess.run([sys.executable, "-c", script, str(again)], env=environment, check=True)
    names = [f"drop/{name}" for name in DROP] + ["settings.toml", "truth.json"]
    assert filecmp.cmpfiles(shop.folder, again, names, shallow=False) == (names, [], [])
    for repo in shop.truth["repositories"]:
        assert shop.git(repo, "rev-parse", "main") == read(again).git(repo, "rev-parse", "main")


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty"):
        build(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_repositories_are_whole_and_bare(shop: Organisation) -> None:
    for repo, row in shop.truth["repositories"].items():
        assert shop.git(repo, "fsck", "--strict", "--full") == ""
        assert shop.git(repo, "for-each-ref", "--format=%(refname)") == "refs/heads/main\n"
        assert shop.git(repo, "rev-parse", "main").strip() == row["head_sha"]
        assert int(shop.git(repo, "rev-list", "--count", "main")) == row["commits"]
        assert not list((shop.folder / "repos" / f"{repo}.git").glob("hooks/*"))


def test_every_step_along_main_is_a_change_of_the_truth(shop: Organisation) -> None:
    for repo, row in shop.truth["repositories"].items():
        steps = shop.git(repo, "log", "--first-parent", "--reverse", "--format=%H %ct", "main").split("\n")[:-1]
        assert [step.split()[0] for step in steps] == [one["landed_sha"] for one in row["changes"]]
        assert [int(step.split()[1]) for step in steps] == [
            int(moment(one["landed_at"]).timestamp()) for one in row["changes"]
        ]
        landed = [one["landed_at"] for one in row["changes"]]
        assert landed == sorted(landed)
        assert {sha for one in row["changes"] for sha in one["commits"]} == set(
            shop.git(repo, "rev-list", "main").split()
        )


def test_the_totals(shop: Organisation) -> None:
    rows = shop.truth["repositories"].values()
    assert sum(row["commits"] for row in rows) > 4000
    assert all(40 <= row["files"] <= 140 for row in rows)
    weeks = Counter(week(one) for one in shop.changes())
    assert (len(weeks), min(weeks), max(weeks)) == (78, "2025-W21", "2026-W46")
    assert 36 <= sum(weeks.values()) / len(weeks) <= 39
    assert sum(34 <= changes <= 41 for changes in weeks.values()) >= 72
    styles = Counter((one["repo"], one["style"]) for one in shop.changes() if one["kind"] != "first")
    assert {repo for repo, style in styles if style == "merge"} == {"shop-web"}
    assert {style for repo, style in styles if repo == "shop-payments"} == {"squash"}
    assert {style for repo, style in styles if repo == "shop-search"} == {"squash", "push", "rebase"}


def test_merges_in_shop_web_have_interleaved_branches_and_updates(shop: Organisation) -> None:
    merges = shop.git("shop-web", "log", "--merges", "--format=%s", "main").splitlines()
    assert sum(one.startswith("Merge branch 'main' into ") for one in merges) >= 10
    assert sum(bool(re.match(r"Merge pull request #\d+ from shop/\S+$", one)) for one in merges) > 300
    spans = [
        (int(times[0]), int(times[-1]))
        for one in shop.truth["repositories"]["shop-web"]["changes"][200:260]
        if len(times := shop.git("shop-web", "show", "-s", "--format=%ct", *sorted(one["commits"])).split()) > 1
    ]
    spans = sorted((min(span), max(span)) for span in spans)
    assert any(until > since for (_, until), (since, _) in pairwise(spans))


def test_the_trees_hold_what_an_analyser_has_to_tell_apart(shop: Organisation) -> None:
    paths = shop.git("shop-payments", "-c", "core.quotepath=off", "ls-tree", "-r", "--name-only", "main").splitlines()
    for suffix in (".py", ".js", ".md", ".yaml", ".lock", ".png", ".bat"):
        assert any(path.endswith(suffix) for path in paths), suffix
    assert any(path.startswith("vendor/") for path in paths)
    assert any(" " in path and not path.isascii() for path in paths)
    assert shop.git("shop-payments", "show", "main:payments/generated/schema.py").startswith("# @generated ")
    batch = subprocess.run(
        ["git", "--git-dir", str(shop.folder / "repos/shop-payments.git"), "show", "main:scripts/import.bat"],
        capture_output=True,
        check=True,
    ).stdout
    assert batch.count(b"\r\n") == batch.count(b"\n") > 3
    assert shop.git("shop-payments", "check-mailmap", "<9103+priya-raman@users.noreply.github.com>") == (
        "Priya Raman <priya.raman@corp.example.com>\n"
    )


def test_every_python_file_parses(shop: Organisation) -> None:
    for repo in shop.truth["repositories"]:
        paths = shop.git(repo, "ls-tree", "-r", "--name-only", "main").splitlines()
        for path in (path for path in paths if path.endswith(".py")):
            compile(shop.git(repo, "show", f"main:{path}"), path, "exec", dont_inherit=True)


def test_the_reformatting_is_listed_for_blame(shop: Organisation) -> None:
    sha = shop.truth["repositories"]["shop-payments"]["reformat_sha"]
    assert sha in shop.git("shop-payments", "show", "main:.git-blame-ignore-revs").splitlines()
    removed, added = (
        re.findall(rf"^\{sign}(?!\{sign}\{sign})(.*)$", shop.git("shop-payments", "show", sha, "-U0"), re.MULTILINE)
        for sign in "-+"
    )
    assert len(removed) > 500
    assert [line.replace("'", '"') for line in removed] == added


def test_marks_agree_with_the_truth(shop: Organisation) -> None:
    for repo, row in shop.truth["repositories"].items():
        text = shop.git(repo, "log", "--format=%H%x00%an <%ae>%x00%B%x01", "main")
        commits = [one.strip("\n").split("\0") for one in text.split("\x01")[:-1]]
        found = {sha for sha, author, message in commits if MARK.search(message) or MARKED_AUTHOR.search(author)}
        marked = {one["landed_sha"] for one in row["changes"] if found & set(one["commits"])}
        assert marked == {one["landed_sha"] for one in row["changes"] if one["marked"]}
        assert all(one["written_by"] == "ai" for one in row["changes"] if one["marked"])


def test_seven_in_ten_of_what_a_tool_wrote_say_so(shop: Organisation) -> None:
    written = [one for one in shop.ordinary() if one["written_by"] == "ai"]
    assert share(written, "marked", value=True) == pytest.approx(0.70, abs=0.03)
    assert {one["tool"] for one in written if one["marked"]} == {"claude-code", "copilot", "cursor", "aider"}
    assert any(one["assist"] for one in shop.ordinary())
    assert any("Claude" in one["title"] and one["written_by"] == "human" for one in shop.ordinary())


def test_reverts_name_commits_that_exist(shop: Organisation) -> None:
    shas = {one["landed_sha"]: one for one in shop.changes()}
    reverts = [one for one in shop.changes() if one["reverts"]]
    named = 0
    for one in reverts:
        original = shas[one["reverts"]]
        messages = [shop.git(one["repo"], "show", "-s", "--format=%B", sha) for sha in one["commits"]]
        shown = [match for text in messages for match in re.findall(r"This reverts commit ([0-9a-f]{40})", text)]
        numbers = [match for text in messages for match in re.findall(r"^Reverts shop/\S+#(\d+)$", text, re.MULTILINE)]
        assert shown == [original["landed_sha"]] or numbers == [str(original["pull_request"])]
        assert original["reverted_by"]
        assert 0 < (moment(one["landed_at"]) - moment(original["landed_at"])).days <= 20
        named += bool(shown)
    assert len(reverts) > 60
    assert named < len(reverts), "some squashed reverts name only the pull request"
    assert any(shas[one["reverts"]]["reverts"] for one in reverts), "a revert of a revert"


def test_usage_reaches_the_mandate_and_stays_there(shop: Organisation) -> None:
    emails = {row["email"]: row["person"] for row in shop.rows("people")}
    logins = {row["login"]: row["person"] for row in shop.rows("people")}
    tool_ids = {row["tool_user_id"]: row["person"] for row in shop.rows("people")}
    active: dict[str, set[str]] = {}
    for row in shop.rows("usage_days"):
        person = emails.get(row["actor_email"]) or logins.get(row["actor_login"]) or tool_ids[row["actor_raw_id"]]
        if row["is_active"] == "true":
            active.setdefault(f"{moment(row['day_utc']):%G-W%V}", set()).add(person)
    assert {name: sorted(people) for name, people in active.items()} == shop.truth["weekly_active"]
    shares = {name: len(people) / (16 if name >= "2026-W06" else 15) for name, people in active.items()}
    assert 0.19 <= shares["2025-W21"] <= 0.26
    assert 0.35 <= shares["2026-W29"] <= 0.40
    assert all(0.78 <= value <= 0.86 for name, value in shares.items() if name >= "2026-W35")


def test_the_share_of_what_tools_write_follows(shop: Organisation) -> None:
    for team, low, high in (
        ("payments", 0.15, 0.78),
        ("search", 0.15, 0.78),
        ("web", 0.10, 0.45),
        ("platform", 0.09, 0.45),
    ):
        changes = [one for one in shop.ordinary() if one["team"] == team]
        early = [one for one in changes if week(one) <= "2026-W28"]
        late = [one for one in changes if week(one) > "2026-W34"]
        assert share(early, "written_by", "ai") == pytest.approx(low, abs=0.03)
        assert share(late, "written_by", "ai") == pytest.approx(high, abs=0.05)


def test_payments_pays_for_it_and_nobody_else_does(shop: Organisation) -> None:
    causes = shop.causes()
    for team in TEAMS:
        for author in ("ai", "human"):
            changes = [one for one in shop.ordinary() if (one["team"], one["written_by"]) == (team, author)]
            incidents = sum(one["landed_sha"] in causes for one in changes) / len(changes)
            reverts = sum(bool(one["reverted_by"]) for one in changes) / len(changes)
            lines = [one["lines"] for one in changes]
            churn = sum(one["dead_within_14_days"] for one in lines) / sum(one["born"] for one in lines)
            if (team, author) == ("payments", "ai"):
                assert [incidents, reverts, churn] == pytest.approx([0.30, 0.22, 0.275], abs=0.03)
            else:
                assert incidents < 0.05
                assert reverts < 0.06
                assert churn < 0.10


def test_the_mandate_shows_in_payments_and_over_all_but_not_in_search(shop: Organisation) -> None:
    reverted = {one["landed_sha"] for one in shop.changes() if one["reverted_by"]}
    for bad in (shop.causes(), reverted):
        assert excess(shop.changes(), bad) > 2
        assert excess([one for one in shop.changes() if one["team"] == "payments"], bad) > 2
        assert excess([one for one in shop.changes() if one["team"] == "search"], bad) < 1.5


def test_care_for_old_code_falls_except_in_search(shop: Organisation) -> None:
    def moved_share(team: str, since: str, until: str) -> float:
        lines = [one["lines"] for one in shop.ordinary() if one["team"] == team and since <= week(one) <= until]
        moved = sum(one["moved"] for one in lines)
        others = sum(one["born"] + one["gone"] - one["updated"] for one in lines)
        return float(moved / (moved + others))

    for team in TEAMS:
        assert moved_share(team, "2025-W21", "2025-W30") == pytest.approx(0.24, abs=0.04)
        late = moved_share(team, "2026-W36", "2026-W46")
        assert late > 0.2 if team == "search" else late < 0.08


def test_pasted_blocks_are_in_the_tree_where_the_truth_says(shop: Organisation) -> None:
    found = []
    for one in [one for one in shop.changes() if one["style"] == "squash" and one["pastes"]][::20]:
        for paste in one["pastes"]:
            diff = shop.git(one["repo"], "show", "--format=", "-U0", one["landed_sha"], "--", paste["path"])
            assert 5 <= paste["lines"] <= 25
            found.append(len(re.findall(r"^\+(?!\+\+)", diff, re.MULTILINE)) >= paste["lines"])
    # A copy set down where its original has just been taken away shows as nothing added.
    assert sum(found) / len(found) > 0.9


def test_deployments_name_one_commit_of_main_each(shop: Organisation) -> None:
    rows = shop.rows("deployments")
    for repo in shop.truth["repositories"]:
        shas = [one["landed_sha"] for one in shop.truth["repositories"][repo]["changes"]]
        everything = shop.git(repo, "rev-list", "main").split()
        for row in (row for row in rows if row["repo"] == repo):
            assert sum(sha.startswith(row["sha"]) for sha in everything) == 1
            assert any(sha.startswith(row["sha"]) for sha in shas)
    assert {len(row["sha"]) for row in rows} == {12, 40}
    assert {row["environment"] for row in rows} == {"PRODUCTION", "production", "prod", "staging"}
    assert {row["status"] for row in rows} == {"success", "failure", "rollback"}
    assert all(bool(row["incident"]) == (row["is_unplanned"] == "true") for row in rows)


def test_incidents_begin_after_their_cause_was_shipped(shop: Organisation) -> None:
    log = {one["id"]: one for one in shop.incidents()}
    deployments = {row["id"]: row for row in shop.rows("deployments")}
    landed = {one["landed_sha"]: moment(one["landed_at"]) for one in shop.changes()}
    caused = [one for one in shop.truth["incidents"] if one["cause_sha"]]
    for one in caused:
        opened_at = moment(log[one["id"]]["opened_at"])
        assert moment(deployments[one["shipped_by"]]["finished_at"]) < opened_at
        assert 1 <= (opened_at - landed[one["cause_sha"]]).total_seconds() / 86400 <= 20
        assert (opened_at.weekday() < 5, 8 <= opened_at.hour <= 16) == (True, True)
        assert log[one["id"]]["caused_by_sha"] in {one["cause_sha"], None}
    assert sum(one["named"] for one in caused) / len(caused) == pytest.approx(0.8, abs=0.02)


def test_the_incident_log_holds_the_awkward_ones(shop: Organisation) -> None:
    log = shop.incidents()
    assert sum(one["resolved_at"] is None for one in log) == 1
    assert sum(one["duplicate_of"] is not None for one in log) == 4
    assert sum("<script>alert(1)</script>" in one["title"] for one in log) == 1
    assert sum(one["title"].startswith("=HYPERLINK(") for one in log) == 1
    assert any(one["is_change_caused"] is False for one in log)
    assert len({one["id"] for one in log}) == len(log)
    hotfixed = {row["incident"] for row in shop.rows("deployments")} - {""}
    assert hotfixed <= {one["id"] for one in log}
    assert {row["incident"] for row in shop.rows("work_logs")} - {""} <= {one["id"] for one in log}


def test_seats_outrun_their_use(shop: Organisation) -> None:
    seats = Counter((f"{moment(row['day']):%G-W%V}", row["tool"]) for row in shop.rows("seats"))
    assert {name: {tool: seats[name, tool] for tool in row} for name, row in shop.truth["seats"].items()} == (
        shop.truth["seats"]
    )
    for name, people in shop.truth["weekly_active"].items():
        assert sum(shop.truth["seats"][name].values()) > len(people)


def test_teams_never_get_smaller(shop: Organisation) -> None:
    for day in ("2025-05-19", "2026-02-01", "2026-02-02", "2026-11-15"):
        rows = [row for row in shop.rows("people") if row["valid_from"] <= day <= (row["valid_to"] or "9999")]
        sizes = Counter(team for _, team in {(row["person"], row["team"]) for row in rows})
        assert (sizes["payments"], sizes["search"], sizes["web"]) == (5, 5, 3)
        assert sizes["platform"] >= 2


def test_files_say_how_far_they_reach(shop: Organisation) -> None:
    assert {(shop.folder / "drop" / name).stat().st_mtime for name in DROP} == {HORIZON}
    for name, column in (("deployments", "finished_at"), ("work_logs", "started_at"), ("usage_days", "day_utc")):
        assert max(row[column] for row in shop.rows(name)) <= "2026-11-16T02:00:00Z"


def test_the_settings_name_all_of_it(shop: Organisation) -> None:
    settings = tomllib.loads((shop.folder / "settings.toml").read_text(encoding="utf-8"))
    assert list(settings) == ["organisation", "repositories", "sources", "targets"]
    assert [one["location"] for one in settings["repositories"]] == [
        f"repos/shop-{name}.git" for name in ("web", "payments", "search")
    ]
    assert settings["targets"] == {"weekly_active": 0.8}


def test_lines_are_mostly_distinct(shop: Organisation) -> None:
    paths = shop.git("shop-search", "ls-tree", "-r", "--name-only", "main").splitlines()
    sources = [path for path in paths if path.startswith("search/") and path.endswith(".py")]
    lines = [
        hashlib.sha1(line.strip().encode(), usedforsecurity=False).digest()
        for path in sources
        for line in shop.git("shop-search", "show", f"main:{path}").splitlines()
        if len(line.strip()) > 20
    ]
    assert len(set(lines)) / len(lines) > 0.7
