"""What every test may use: real git repositories, made by git itself, and a warehouse that is filled row by row.

Import the classes for annotations: `from tests.conftest import GitRepository, Warehouse`.
"""

import atexit
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from ingest import areas, severities
from ingest import warehouse as builder
from ingest.causes import link

ANN = "Ann Ames <ann@example.com>"
BOB = "Bob Birk <bob@example.com>"
_HOUR = timedelta(hours=1)
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "LC_ALL": "C",
}


@dataclass
class GitRepository:
    """A repository whose every commit is an hour younger than the one before, beginning on a Monday morning."""

    path: Path
    clock: datetime = datetime(2026, 1, 5, 9)  # noqa: DTZ001 - UTC without a zone, as in the warehouse

    def git(self, *command: str, said: bytes | None = None, author: str = ANN, at: str = "") -> str:
        """What a git command prints; `at` is a date as git writes it."""
        name, _, email = author.rstrip(">").partition(" <")
        at = at or f"{self.clock:%Y-%m-%dT%H:%M:%S}+0000"
        who = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email, "GIT_AUTHOR_DATE": at}
        who |= {"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": email, "GIT_COMMITTER_DATE": at}
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *command],
            cwd=self.path, input=said, capture_output=True, env=_ENVIRONMENT | who, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"git {command}: {done.stderr.decode()}"
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")

    def write(self, path: str | bytes, content: str | bytes | None) -> None:
        """Write a file of the work tree; None removes it."""
        file = Path(os.fsdecode(os.path.join(os.fsencode(self.path), os.fsencode(path))))  # noqa: PTH118 - bytes
        if content is None:
            file.unlink()
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(
        self,
        message: str = "Add a line",
        files: dict[str, str | bytes | None] | None = None,
        author: str = ANN,
        at: str = "",
    ) -> str:
        """Commit what the work tree holds and `files`; without them an empty commit. Its sha."""
        for path, content in (files or {}).items():
            self.write(path, content)
        self.git("add", "--all")
        options = ["--quiet", "--allow-empty", "--allow-empty-message", "--cleanup=verbatim", "--message", message]
        self.git("commit", *options, author=author, at=at)
        self.clock += _HOUR
        return self.head

    def merge(self, *branches: str, message: str = "Merge a branch") -> str:
        """Merge branches into the current one, keeping its files where they contradict each other."""
        strategy = "octopus" if len(branches) > 1 else "ort"
        options = ["--quiet", "--no-ff", "--allow-unrelated-histories", "--strategy", strategy, "--message", message]
        self.git("merge", *options, *([] if len(branches) > 1 else ["-X", "ours"]), *branches)
        self.clock += _HOUR
        return self.head

    @property
    def head(self) -> str:
        """The commit that is checked out, read off its file where there is one: to ask git takes longer than to commit."""
        folder = self.path / ".git"
        if not folder.is_dir():
            return self.git("rev-parse", "HEAD")
        kind, _, name = (folder / "HEAD").read_text().strip().rpartition(" ")
        return (folder / name).read_text().strip() if kind else name

    def store(self, kind: str, content: bytes) -> str:
        """Store an object as it is, however broken; its sha."""
        return self.git("hash-object", "-t", kind, "-w", "--stdin", "--literally", said=content)

    def object_file(self, sha: str) -> Path:
        """The file of a loose object."""
        return self.path / ".git" / "objects" / sha[:2] / sha[2:]


@pytest.fixture
def git_repository(tmp_path: Path) -> Callable[..., GitRepository]:
    """Makes an empty repository with a work tree and the branch main."""

    return lambda name="shop", *options: begun(tmp_path / name, *options)


def begun(path: Path, *options: str) -> GitRepository:
    """A new repository with nothing in it."""
    path.mkdir(parents=True)
    repository = GitRepository(path)
    repository.git("init", "--quiet", "--initial-branch=main", *options, ".")
    return repository


def sha(beginning: str) -> str:
    """A whole commit id that begins so."""
    return beginning.ljust(40, "0")


@dataclass
class Warehouse:
    """An empty warehouse in memory; a builder names only what matters, the rest of a row is nothing special."""

    con: duckdb.DuckDBPyConnection
    steps: dict[str, int] = field(default_factory=dict)
    booked: list[dict[str, object]] = field(default_factory=list)  # the runs of lines that were born, in order

    def add(self, table: str, **values: object) -> None:
        """A row of any table."""
        marks = ", ".join("?" for _ in values)
        self.con.execute(f"insert into {table} ({', '.join(values)}) values ({marks})", list(values.values()))

    def repo(self, repo: str = "shop", location: str = "/src/acme/shop") -> None:
        """A repository, with how far its history was read."""
        self.add("repos", repo=repo, location=location, branch="main", head_sha=sha("f"), integration_mode="merge",
                 ingested_at=datetime(2026, 12, 1))  # fmt: skip  # noqa: DTZ001
        self.state("git", repo)

    def state(self, source: str, scope: str = "", data_from: str = "2026-01-01", through: str = "2026-12-01") -> None:
        """How far a source was read."""
        self.add("source_states", source=source, scope=scope, cursor_value="x", config="{}", data_from=data_from,
                 data_through=through, last_success_start=through, last_success_end=through)  # fmt: skip

    def change(
        self,
        begins: str,
        at: str,
        author: str = "ann",
        *,
        repo: str = "shop",
        request: int | None = None,
        **commit: object,
    ) -> None:
        """The next first-parent step of a repository, with a commit of its own; `begins` is how its id begins."""
        number = self.steps[repo] = self.steps.get(repo, -1) + 1
        self.add("mainline", repo=repo, landed_sha=sha(begins), mainline_no=number, landed_at=at, pull_request=request)
        self.commit(begins, begins, author, at, repo=repo, mainline_no=number, **commit)

    def commit(
        self, begins: str, landed: str, author: str = "ann", at: str = "2026-11-02", *, repo: str = "shop", added: int = 1,
        deleted: int = 0, copied_within: int = 0, evidence: str = "", **values: object,
    ) -> None:  # fmt: skip
        """A commit of the change `landed`; `evidence` are the classes that something says of it."""
        row: dict[str, object] = {
            "parents": [], "author": author, "committer": author, "authored_at": at, "committed_at": at, "is_merge": False,
            "is_boundary": False, "subject": f"Change {begins}", "kind": "feature", "reverts": [], "issues": [],
        }  # fmt: skip
        self.add("commits", repo=repo, sha=sha(begins), landed_sha=sha(landed), **row | values)
        if added or deleted:
            self.add("changes", repo=repo, sha=sha(begins), file=0, path="a.py", status="modified", role="source",
                     added=added, deleted=deleted, copied_within=copied_within)  # fmt: skip
        for class_ in evidence.split():
            self.add("evidence", evidence=f"{begins} {class_}", repo=repo, sha=sha(begins), scope="commit",
                     source="git", confidence="declared", rule="r", detail="", observed_at=at, method_version="1",
                     **{"class": class_})  # fmt: skip

    def born(
        self, landed: str, lines: int = 10, *, by: str = "", role: str = "source", line_kind: str = "code",
        operation: str = "added", repo: str = "shop", written: tuple[str, int] = ("a.py", 1),
    ) -> int:  # fmt: skip
        """Lines that landed with a change, and that its own commit wrote, or `by`; which lines, for what comes next."""
        run: dict[str, object] = {
            "repo": repo, "landed_sha": sha(landed), "sha": sha(by or landed), "file": 0, "path": "a.py", "role": role,
            "start_line": 1, "lines": lines, "first_line": 1000 * len(self.booked), "line_kind": line_kind,
            "operation": operation, "meaningful": lines if line_kind != "blank" else 0, "written_path": written[0],
            "written_line": written[1],
        }  # fmt: skip
        self.add("line_births", **run)
        self.booked.append(run)
        return len(self.booked) - 1

    def noted(self, begins: str, *, repo: str = "shop", outcome: str = "read", **classes: str) -> None:
        """A note about the lines of a commit's a.py: of each class which, as in evidence."""
        self.add("line_records", repo=repo, sha=sha(begins), source="git-ai", object=begins, outcome=outcome, reason="",
                 ai_lines=len(classes.get("ai", "")), human_lines=len(classes.get("human", "")), detail="")  # fmt: skip
        for class_, lines in classes.items():
            self.add("evidence", evidence=f"note {begins} {class_}", repo=repo, sha=sha(begins), path="a.py", lines=lines,
                     scope="line", source="git-ai", confidence="recorded", rule="git-ai", detail="",
                     observed_at="2026-11-02", method_version="1", **{"class": class_})  # fmt: skip

    def died(
        self, run: int, lines: int, landed: str, *, by: str = "", after: int = 0, how: str = "deleted", role: str = ""
    ) -> None:
        """Lines of a run, those `after` so many of it, that a change took out; their file may have another role by then."""
        self.add("line_deaths", **self._later(run, lines, landed, by, after), path="a.py", death_kind=how,
                 birth_sha=self.booked[run]["sha"], operation=self.booked[run]["operation"],
                 role=role or self.booked[run]["role"])  # fmt: skip

    def moved(self, run: int, lines: int, landed: str, *, by: str = "", after: int = 0) -> None:
        """Lines of a run that a change moved to another file."""
        self.add("line_moves", **self._later(run, lines, landed, by, after), from_path="a.py", to_path="b.py",
                 role=self.booked[run]["role"])  # fmt: skip

    def _later(self, run: int, lines: int, landed: str, by: str, after: int) -> dict[str, object]:
        born = self.booked[run]
        return {
            "repo": born["repo"], "landed_sha": sha(landed), "sha": sha(by or landed), "file": 0, "start_line": 1,
            "lines": lines, "first_line": int(str(born["first_line"])) + after, "birth_landed_sha": born["landed_sha"],
            "line_kind": born["line_kind"], "meaningful": lines if born["line_kind"] != "blank" else 0,
        }  # fmt: skip

    def scan(
        self, begins: str, at: str | None, found: dict[str, tuple[int, int]] | None = None, *, tool: str = "guard",
        part: str = "", repo: str = "shop", category: str = "security", speaks_of: str = "security", failed: bool = False,
    ) -> None:  # fmt: skip
        """A scan of a change's state; `found` are fingerprints, each with a run of lines that was born and which line of it."""
        found, scan = found or {}, f"{tool} {part} {repo} {begins} {at}"
        self.add("scans", scan=scan, tool=tool, part=part, names=[repo], sha=sha(begins), ran_at=at,
                 is_clean=None if failed else not found)  # fmt: skip
        for each in speaks_of.split():
            self.add("scan_categories", scan=scan, category=each)
        for fingerprint, (run, which) in found.items():
            born = self.booked[run]
            path, line = str(born["path"]), int(str(born["first_line"])) + which + 1  # no two stand at one place
            self.add("scan_results", scan=scan, fingerprint=fingerprint, twins=1, rule="R1", severity="error",
                     category=category, path=path, line=line)  # fmt: skip
            self.add("finding_origins", repo=repo, sha=sha(begins), path=path, line=line, origin_sha=born["sha"],
                     origin_path=born["written_path"], origin_line=int(str(born["written_line"])) + which,
                     unresolved="")  # fmt: skip

    def people(
        self, team: str | None, *persons: str, since: str | None = None, until: str | None = None, is_bot: bool = False
    ) -> None:
        """Persons on a team; the commits of `ann` are those of the person `ann`."""
        for person in persons:
            self.add("people", person=person, team=team, level="mid", from_day=since, to_day=until, is_bot=is_bot)

    def deployment(self, deployment: str, begins: str, at: str, **values: object) -> None:
        """A deployment to production that went well."""
        row = {"source": "drop", "repo": "shop", "service": "api", "is_production": True, "status": "success"}
        self.add("deployments", deployment=f"drop:{deployment}", sha=begins, finished_at=at, **row | values)

    def incident(
        self, incident: str, at: str = "2026-11-04", *, names: dict[str, str] | None = None, **values: object
    ) -> None:
        """An incident; `names` are what it calls its causes: the kind and, separated by spaces, the values."""
        row = {"source": "drop", "repo": "shop", "started_at": at, "detected_at": at} | values
        self.add("incidents", incident=f"drop:{incident}", **row)
        for kind, texts in (names or {}).items():
            for text in texts.split():
                self.add(
                    "incident_references",
                    incident=f"drop:{incident}",
                    source="drop",
                    repo=row["repo"],
                    kind=kind,
                    value=text,
                )

    def owned(self, pattern: str, *owners: str, service: str) -> None:
        """What fits a pattern is somebody's, and a service lies there."""
        self.add("owners", repo="shop", file="CODEOWNERS", line=1, section="", pattern=pattern, owners=list(owners))
        self.add("service_paths", repo="shop", pattern=pattern, service=service)

    def depended_on(self, begins: str, dependents: int | None) -> None:
        """How many files import what a change touched; None: nobody knows."""
        self.add("dependents", repo="shop", landed_sha=sha(begins), snapshot_sha=sha("f"), dependents=dependents,
                 method_version="1")  # fmt: skip

    def derive(self, *repos: str) -> None:
        """Link causes and build the derived tables, as an ingest does that brought something for these repositories."""
        areas.mark(self.con)
        link.link(self.con)
        builder.derive(self.con, repos or [repo for (repo,) in self.rows("select repo from repos")])

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """The answer to a query."""
        return self.con.execute(query).fetchall()


@cache
def _schema() -> str:
    """A file with the newest schema and no rows: to copy it takes a fifth of what making it does."""
    file = Path(tempfile.mkdtemp(prefix="twinledger-tests-")) / "schema.duckdb"
    atexit.register(shutil.rmtree, file.parent)
    with duckdb.connect(file) as con:
        builder.migrate(con)
    return str(file)


@contextlib.contextmanager
def migrated() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory that has the newest schema."""
    # Of one thread, for it holds a few rows, and another test is running beside this one.
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute(f"attach '{_schema()}' as made (read_only)")
        con.execute("copy from database made to memory")
        con.execute("detach made")
        yield con


@contextlib.contextmanager
def empty_warehouse() -> Iterator[Warehouse]:
    """A warehouse with the real schema, the AI era begun in 2021 and groups of five or more shown."""
    with migrated() as con:
        made = Warehouse(con)
        made.add("privacy", minimum_group=5)
        builder.load(con, "severity_weights", severities.weights({}))
        made.add("attribution_declarations", ai_era_starts=date(2021, 6, 29))
        yield made


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    """An empty warehouse of a test's own."""
    with empty_warehouse() as made:
        yield made


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sample organisation, built and ingested by the real commands, whose words are in said.txt beside it.

    Once, for all processes that run tests: who writes, writes to a copy.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sample" / "shop"
    folder.parent.mkdir(exist_ok=True)
    command = str(Path(sys.executable).with_name("twinledger"))
    with FileLock(folder.parent / "lock"):
        done = folder.parent / "done"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of another process, whose build failed
            with (folder.parent / "said.txt").open("w") as said:
                for words in (["sample", str(folder)], ["ingest", "--settings", str(folder / "settings.toml")]):
                    subprocess.run([command, *words], stdout=said, check=True)
            done.touch()
    return folder
