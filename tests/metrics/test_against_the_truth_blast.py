"""The blast radius over twelve weeks of the sample organisation, counted once more from its repositories by hand."""

import json
import posixpath
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

import pytest

from metrics import measure
from metrics.measure import Window, monday
from metrics.registry import BY_KEY
from tests.metrics.conftest import Shop

WINDOW = Window(date(2026, 7, 20), date(2026, 10, 12))
YEAR = timedelta(days=365)
Row = dict[str, Any]
FOLDERS = {"shop-web": ("storefront", "src", "web"), "shop-payments": ("payments", "console", "payments"),
           "shop-search": ("search", "widget", "search")}  # fmt: skip


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def is_counted(path: str) -> bool:
    return not path.startswith("vendor/") and "/generated/" not in path and not path.endswith(".lock")


@dataclass
class Radius:
    """One repository, read by plain git commands."""

    shop: Shop
    name: str

    def git(self, *command: str) -> str:
        where = self.shop.folder / "repos" / f"{self.name}.git"
        done = subprocess.run(["git", "--git-dir", where, *command], capture_output=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout.decode("utf-8", "surrogateescape")

    @cached_property
    def line(self) -> list[Row]:
        """The changes that count, in order; the first is the import of what was there."""
        changes: list[Row] = self.shop.truth["repositories"][self.name]["changes"]
        return [dict(one, at=moment(one["landed_at"]), touched=self.touched(one)) for one in changes]

    def touched(self, change: Row) -> list[tuple[str, str]]:
        """Paths before and after of everything that its commits touched."""
        found = [pair for sha in change["commits"] for pair in self.effects.get(sha, ())]
        return [(old, new) for old, new in found if is_counted(new)]

    @cached_property
    def effects(self) -> dict[str, list[tuple[str, str]]]:
        return {sha: [(old, new) for _, old, new in told] for sha, told in self.told.items()}

    @cached_property
    def told(self) -> dict[str, list[tuple[str, str, str]]]:
        """What git tells of each commit, oldest first: a status, the path before and the path after."""
        told = self.git("log", "--no-merges", "--name-status", "-z", "-M", "--format=%x01%H", "main").split("\x01")[1:]
        effects = {}
        for commit in reversed(told):
            sha, _, rest = commit.partition("\0")
            words, changed = iter(rest.strip("\0\n").split("\0")), []
            for status in map(str.strip, words):
                if status:
                    old = next(words)
                    changed.append((status[0], old, next(words) if status[0] in "RC" else old))
            effects[sha.strip()] = changed
        return effects

    @cached_property
    def identity(self) -> dict[tuple[str, str], str]:
        """The file behind a path in a commit, however often it was renamed; what is added where one had gone is another."""
        parents: dict[str, str] = {}
        named: dict[str, str] = {}
        gone: set[str] = set()
        seen = {}
        for sha, changed in self.told.items():
            for status, old, new in changed:
                one, other = (self.root(parents, named.get(path, path)) for path in (old, new))
                # Unless it comes back, as by a revert.
                if new in gone and (status == "A" or one != other):
                    named[new], gone = f"{named.get(new, new)}'", gone - {new}
                    one, other = (self.root(parents, named.get(path, path)) for path in (old, new))
                parents[one] = other
                gone |= {old} if status in "RD" else set()
                seen[sha, new] = other
        return {place: self.root(parents, file) for place, file in seen.items()}

    @staticmethod
    def root(parents: dict[str, str], path: str) -> str:
        while parents.setdefault(path, path) != path:
            path = parents[path]
        return path

    def files(self, change: Row) -> set[str]:
        touched = ((sha, new) for sha in change["commits"] for _, new in self.effects.get(sha, ()) if is_counted(new))
        return {self.identity[each] for each in touched}

    def directories(self, change: Row) -> set[str]:
        return {posixpath.dirname(new) for _, new in change["touched"]}

    def areas(self, change: Row) -> set[str]:
        package, scripts, service = FOLDERS[self.name]
        by_folder = {
            f"{package}/api/": " ".join(sorted({f"@shop/{service}", "@shop/api"})),
            f"{scripts}/": "@shop/web", "docs/": "@shop/docs", "config/": "@shop/platform",
        }  # fmt: skip
        paths = [new for _, new in change["touched"]]
        return {
            next((area for folder, area in by_folder.items() if path.startswith(folder)), f"@shop/{service}")
            for path in paths
        }

    def services(self, change: Row) -> set[str]:
        package, scripts, service = FOLDERS[self.name]
        lying = {f"{package}/": service, f"{package}/api/": "api", f"{scripts}/": scripts}
        return {name for _, new in change["touched"] for folder, name in lying.items() if new.startswith(folder)}

    def neighbours(self, number: int) -> set[str] | None:
        change = self.line[number]
        if change["at"] < self.line[0]["at"] + YEAR:
            return None
        own, together = self.files(change), Counter[tuple[str, str]]()
        for other in self.line[1:number]:
            files = self.files(other)
            if other["at"] > change["at"] - YEAR and len(files) <= 50:
                together.update((one, two) for one in files & own for two in files - {one})
        return {two for (_, two), times in together.items() if times >= 3} - own

    @cached_property
    def month_ends(self) -> list[int]:
        months = [(one["at"].year, one["at"].month) for one in self.line]
        return [number for number, month in enumerate(months[:-1]) if month != months[number + 1]]

    @cached_property
    def importers(self) -> dict[int, dict[str, set[str]]]:
        """At each month end, which files import a file."""
        return {number: self.imported_at(self.line[number]["landed_sha"]) for number in self.month_ends}

    def imported_at(self, sha: str) -> dict[str, set[str]]:
        paths = set(self.git("ls-tree", "-r", "-z", "--name-only", sha).split("\0"))
        importers = defaultdict(set)
        for told in self.git("grep", "-E", "^import ", sha, "--", "*.py", "*.js").splitlines():
            _, path, text = told.split(":", 2)
            if path.endswith(".py"):
                target = text.split()[1].replace(".", "/") + ".py"
            else:
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), text.split('"')[1]))
            if target in paths and is_counted(path):
                importers[target].add(path)
        return importers

    def dependents(self, number: int) -> set[str] | None:
        ends = [end for end in self.month_ends if end < number]
        touched = {path for pair in self.line[number]["touched"] for path in pair}
        if (
            not ends
            or any(path.endswith(".bat") for path in touched)
            or not any(path.endswith((".py", ".js")) for path in touched)
        ):
            return None
        importers, found, waiting = self.importers[ends[-1]], set(touched), list(touched)
        while waiting:
            new = importers.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return found - touched

    def reached(self, layer: str, number: int) -> int | None:
        change = self.line[number]
        if layer in ("neighbours", "dependents"):
            found = self.neighbours(number) if layer == "neighbours" else self.dependents(number)
            return None if found is None else len(found)
        return len(
            {"files": self.files, "directories": self.directories, "areas": self.areas, "services": self.services}[
                layer
            ](change)
        )

    def percentiles(self, layer: str) -> dict[str, float]:
        """Of what people landed in the window, ranked among everything landed in the year before."""
        counts = [
            (one, self.reached(layer, number)) for number, one in enumerate(self.line) if number and one["touched"]
        ]
        known = [(one, count) for one, count in counts if count is not None]
        ranks = {}
        for place, (one, count) in enumerate(known):
            among = [other for before, other in known[: place + 1] if before["at"] > one["at"] - YEAR]
            if one["written_by"] != "bot" and WINDOW.since <= monday(one["at"]) < WINDOW.until and len(among) >= 10:
                less, same = sum(other < count for other in among), sum(other == count for other in among)
                ranks[one["landed_sha"]] = (less + same / 2) / len(among)
        return ranks


@pytest.fixture(scope="module")
def radii(shop: Shop) -> list[Radius]:
    return [Radius(shop, name) for name in FOLDERS]


def measured(shop: Shop, key: str) -> dict[str, float]:
    rows = shop.con.execute(BY_KEY[key].sql, {"since": WINDOW.since, "until": WINDOW.until}).fetchall()
    return {row[5]: row[6] for row in rows}


@pytest.mark.parametrize("layer", ["files", "directories", "areas", "services", "neighbours", "dependents"])
def test_percentiles_of_each_layer(layer: str, shop: Shop, radii: Iterable[Radius]) -> None:
    expected = {landed: rank for radius in radii for landed, rank in radius.percentiles(layer).items()}

    found = measured(shop, f"blast_{layer}")

    assert found == pytest.approx(expected, abs=1e-12)
    # Nobody can tell how many files depend on those of a change in which nothing is imported.
    landed = sum(
        bool(one["touched"]) and one["written_by"] != "bot" and WINDOW.since <= monday(one["at"]) < WINDOW.until
        for radius in radii
        for one in radius.line
    )
    assert len(found) > 0.8 * landed > 200
    cell = measure.total(measure.cells(shop.con, BY_KEY[f"blast_{layer}"], WINDOW))
    assert (cell.units, cell.d, cell.n) == pytest.approx((len(expected), len(expected), sum(expected.values())))


def test_what_came_of_changes_that_broke_something(shop: Shop) -> None:
    told = (shop.folder / "drop" / "incidents.jsonl").read_text("utf-8").splitlines()
    reports = {f"{one['source']}:{one['id']}": one for one in map(json.loads, told)}
    landed = {one["landed_sha"]: one for line in shop.truth["repositories"].values() for one in line["changes"]}
    log_ends = moment(shop.truth["horizon"])
    laid_to: dict[str, list[tuple[Row, float]]] = defaultdict(list)
    links = "select incident, landed_sha, share from caused_incidents where landed_sha is not null"
    for incident, sha, share in shop.con.execute(links).fetchall():
        change, report = landed[sha], reports[incident]
        is_soon = (
            moment(change["landed_at"])
            <= moment(report["opened_at"])
            <= moment(change["landed_at"]) + timedelta(days=30)
        )
        is_settled = moment(change["landed_at"]) + timedelta(days=30) <= log_ends
        is_inside = WINDOW.since <= monday(moment(change["landed_at"])) < WINDOW.until
        if is_soon and is_settled and is_inside and change["written_by"] != "bot":
            laid_to[sha].append((report, share))

    users = {
        sha: sum(one["users_affected"] * share for one, share in named)
        for sha, named in laid_to.items()
        if all(one["users_affected"] is not None for one, _ in named)
    }
    minutes = {
        sha: sum(
            (moment(one["resolved_at"]) - moment(one["detected_at"])).total_seconds() / 60 * share
            for one, share in named
        )
        for sha, named in laid_to.items()
        if all(one["resolved_at"] for one, _ in named)
    }
    services = {sha: len({one["service"] for one, _ in named}) - 1 for sha, named in laid_to.items()}
    assert measured(shop, "blast_users") == pytest.approx(users)
    assert measured(shop, "blast_minutes") == pytest.approx(minutes)
    assert measured(shop, "blast_incident_services") == services
    assert len(laid_to) > 20
