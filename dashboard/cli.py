"""The command `twinledger`. Nothing but typer is imported before a command runs: --help answers at once."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import date

    from duckdb import DuckDBPyConnection

    from dashboard.summary import View
    from ingest.run import Outcome
    from ingest.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

SettingsFile = Annotated[Path, typer.Option("--settings", help="The settings file.")]
HERE = Path("settings.toml")
Weeks = Annotated[int | None, typer.Option(min=1, help="How many weeks the window has; 12 otherwise.")]
Since = Annotated[str | None, typer.Option(help="The first week, as 2026-W35 or a day of it, instead of --weeks.")]
Until = Annotated[str | None, typer.Option(help="The last week, or a day of it; the newest settled one otherwise.")]
Repos = Annotated[list[str] | None, typer.Option("--repo", help="Only this repository; may be given again.")]
Teams = Annotated[list[str] | None, typer.Option("--team", help="Only this team; may be given again.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="A table for spreadsheets instead of text.")]


@app.callback()
def about() -> None:
    """AI adoption and the quality of what ships, side by side, never netted against each other."""


@app.command()
def init(
    paths: Annotated[list[str], typer.Argument(help="Git repositories: folders or URLs.")],
    settings: SettingsFile = HERE,
    *,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a settings file that is there.")] = False,
) -> None:
    """Write a commented settings file for these repositories."""
    from ingest import starter

    starter.write(settings, paths, force=force)
    typer.echo(f"Wrote {settings}. Next: twinledger ingest, then twinledger serve.")


@app.command()
def doctor(settings: SettingsFile = HERE) -> None:
    """Check git, settings, sources, warehouse and browser, and say what to do about each finding."""
    from ingest import doctor as checks
    from metrics.registry import METRICS

    findings = checks.findings(settings, {metric.key: metric.sources for metric in METRICS})
    for finding in findings:
        typer.echo(f"{finding.mark:7} {finding.what}")
        if finding.remedy:
            typer.echo(f"        {finding.remedy}")
    raise typer.Exit(any(finding.mark == "wrong" for finding in findings))


@app.command()
def ingest(settings: SettingsFile = HERE) -> None:
    """Read what is new in every repository and source, and publish it."""
    outcomes = _ingest(_settings(settings))
    raise typer.Exit(any(outcome.outcome == "failed" for outcome in outcomes))


@app.command()
def nightly(settings: SettingsFile = HERE) -> None:
    """Ingest, and write the report of every week that has completed since the last one. For a timer or cron."""
    from dashboard.report import weekly

    loaded = _settings(settings)
    outcomes = _ingest(loaded)
    with _reader(loaded) as con:
        for file in weekly.catch_up(con, loaded.report.folder):
            typer.echo(f"Wrote {file}")
    raise typer.Exit(any(outcome.outcome == "failed" for outcome in outcomes))


@app.command()
def serve(
    settings: SettingsFile = HERE,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port on this machine.")] = 8501,
) -> None:
    """Serve the dashboard on 127.0.0.1."""
    import os
    import socket

    from ingest import warehouse
    from ingest.errors import SettingsError

    loaded = _settings(settings)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SettingsError(f"Port {port}: {error.strerror}. Name another with --port.") from error
    told = {"TWINLEDGER_WAREHOUSE": str(loaded.warehouse.resolve()), "TWINLEDGER_MADE_BY": warehouse.derived_version()}
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(Path(__file__).with_name("asgi.py")),
        "--server.port",
        str(port),
    ]
    typer.echo(f"twinledger is at http://127.0.0.1:{port} (Ctrl+C stops it)")
    sys.stdout.flush()
    # Replacing this process hands the terminal's and the service manager's signals straight to the server.
    os.execve(sys.executable, command, os.environ | told)  # noqa: S606 - ourselves


@app.command()
def report(
    settings: SettingsFile = HERE,
    week: Annotated[
        str | None, typer.Option(help="The ISO week, as 2026-W46; the newest complete one otherwise.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The folder to write to; report.folder otherwise.")] = None,
) -> None:
    """Write the weekly report: one HTML file that needs nothing else, and the same in Markdown."""
    from datetime import timedelta

    from dashboard import wording
    from dashboard.report import weekly
    from ingest.errors import WarehouseError

    loaded = _settings(settings)
    with _reader(loaded) as con:
        monday, reach = _monday(week) or weekly.newest(con), weekly.reach(con)
        if monday is None or reach is None:
            raise WarehouseError(
                "Nothing has been read that speaks of any week. Mend the sources that `twinledger doctor` names."
            )
        first, last = reach
        if not first <= monday + timedelta(days=6) or monday > last:
            asked = wording.week_name(monday)
            raise WarehouseError(f"The data speak from {first} to {last}: there is nothing to report of {asked}.")
        for file in weekly.write(con, out or loaded.report.folder, monday):
            typer.echo(f"Wrote {file}")


@app.command()
def metrics(
    keys: Annotated[list[str] | None, typer.Argument(help="Metric keys; all otherwise.")] = None,
    settings: SettingsFile = HERE,
    *,
    by: Annotated[str | None, typer.Option(help="A split: team, repo, cohort or stratum.")] = None,
    weeks: Weeks = None,
    since: Since = None,
    until: Until = None,
    repo: Repos = None,
    team: Teams = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    sql: Annotated[bool, typer.Option("--sql", help="The statements instead, for the duckdb shell.")] = False,
) -> None:
    """Print the numbers of both ledgers, as the pages show them."""
    from dashboard import printed

    view = _view(repo, team, weeks, since, until)
    loaded = _settings(settings)
    with _reader(loaded) as con:
        if sql:
            from ingest import warehouse

            typer.echo(printed.statements(con, view, keys or [], str(warehouse.current(loaded.warehouse))))
        else:
            typer.echo(printed.metrics(con, view, keys or [], by, _form(as_json=as_json, as_csv=as_csv)))


@app.command()
def units(
    key: Annotated[str, typer.Argument(help="The key of a metric.")],
    settings: SettingsFile = HERE,
    *,
    cohort: Annotated[str | None, typer.Option(help="Only this cohort: ai, human or unknown.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="How many rows; 20 in a text, else all of them.")] = None,
    weeks: Weeks = None,
    since: Since = None,
    until: Until = None,
    repo: Repos = None,
    team: Teams = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Print the rows behind a value: what was counted, one by one; an adoption metric with those of its paired quality."""
    from dashboard import listed

    view = _view(repo, team, weeks, since, until)
    with _reader(_settings(settings)) as con:
        typer.echo(listed.units(con, view, key, cohort, _form(as_json=as_json, as_csv=as_csv), limit))


@app.command()
def verify(
    seed: Annotated[
        int, typer.Option(help="The seed of the first organisation; the others take the next ones.")
    ] = 1001,
    size: Annotated[int, typer.Option(min=1, help="How many organisations of the plain story to build.")] = 4,
    out: Annotated[Path | None, typer.Option(help="Write what was found to this file as well, as JSON.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Build organisations of which everything is known, run everything over them, and say how far each number was off."""
    from dashboard import laboratory, verified

    found = laboratory.verified(seed, size, lambda line: typer.echo(line, err=True))
    if out is not None:
        out.write_text(verified.as_json(found) + "\n", encoding="utf-8")
    typer.echo(verified.as_json(found) if as_json else verified.as_text(found))


@app.command()
def divergence(settings: SettingsFile = HERE, *, as_json: AsJson = False) -> None:
    """Say of each pair of metrics whether the ledgers drift apart, and when they did."""
    from dashboard import alarms

    with _reader(_settings(settings)) as con:
        typer.echo((alarms.as_json if as_json else alarms.as_text)(con))


@app.command()
def explain(
    repo: Annotated[str, typer.Argument(help="The name of a repository.")],
    place: Annotated[
        str,
        typer.Argument(
            help="A commit: seven or more digits of its name; or a file at the head of the branch: PATH, PATH:LINE or "
            "PATH:FIRST-LAST. A file that is called like a commit is taken first: commit:NAME and ./NAME say which is meant."
        ),
    ],
    settings: SettingsFile = HERE,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
) -> None:
    """Say who wrote a commit, or each line of a file, how it came to where it stands, and why it counts as what it counts."""
    from dashboard import accounts, commits, explained
    from dashboard.answers import Plain
    from dashboard.summary import View
    from ingest import explain as lines
    from ingest import states
    from ingest.errors import AbsentError

    loaded = _settings(settings)
    mirrors = loaded.organisation.data / "mirrors"
    with _reader(loaded) as con:
        if commits.may_be(place) and not lines.is_file(con, mirrors, repo, place):
            try:
                about = commits.find(Plain(con, View()), repo, place)
            except LookupError as error:
                raise AbsentError(str(error)) from error
            typer.echo((accounts.as_json if as_json else accounts.as_text)(about))
            return
        shown = lines.explain(con, mirrors, repo, place)
    if commits.may_be(place):
        typer.echo(f"{place} is a file. For the commit, write commit:{place}", err=True)
    typer.echo((explained.as_json if as_json else explained.as_text)(shown, states.now()))


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="An empty or new folder.")],
    seed: Annotated[int, typer.Option(help="Another seed is another history of the same story.")] = 1,
) -> None:
    """Make the sample organisation: real repositories, events and logs with a planted story, and its truth.json."""
    from ingest.sample import build

    build(folder, seed)
    typer.echo(f"Wrote {folder}. Next: twinledger ingest --settings {folder / 'settings.toml'}")


def _settings(file: Path) -> "Settings":
    from ingest import settings

    return settings.load(file)


def _ingest(settings: "Settings") -> "list[Outcome]":
    from tqdm import tqdm

    from dashboard import verdicts
    from dashboard.terminal import printable
    from ingest import run
    from metrics import episodes, values
    from metrics.registry import METRICS

    def settle(con: "DuckDBPyConnection", has_news: bool) -> tuple[int, int]:  # noqa: FBT001 - as an ingest calls it
        settled = values.settle(con, METRICS, has_news=has_news)
        for episode in episodes.settle(con, has_news=has_news):
            tqdm.write(printable(verdicts.log(episode)))
        return settled

    # A bar on a terminal, plain lines anywhere else: tqdm's None.
    return run.ingest(
        settings,
        tqdm.write,
        lambda commits, name: tqdm(commits, name, unit=" commits", leave=False, disable=None),
        settle,
    )


@contextmanager
def _reader(settings: "Settings") -> "Iterator[DuckDBPyConnection]":
    """The published generation, read only."""
    from dashboard import published
    from ingest import warehouse
    from ingest.errors import WarehouseError

    file = published.generation(settings.warehouse)
    if file is None:
        message = (
            f"Nothing is published in {settings.warehouse} yet. Run `twinledger ingest --settings {settings.file}`."
        )
        raise WarehouseError(message)
    with published.connect(file) as con:
        if con.execute(published.MADE_BY).fetchall() != [(warehouse.derived_version(),)]:
            message = (
                f"{file} was made by another version of twinledger. Run `twinledger ingest --settings {settings.file}`."
            )
            raise WarehouseError(message)
        yield con


def _view(
    repo: list[str] | None, team: list[str] | None, weeks: int | None, since: str | None, until: str | None
) -> "View":
    from dashboard import wording
    from dashboard.summary import WEEKS, View
    from metrics.measure import Selection

    try:
        first, last = (wording.monday_of(text) if text else None for text in (since, until))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if first and weeks:
        raise typer.BadParameter("--since and --weeks both say where the window begins. Give one of them.")
    if first and last and first > last:
        raise typer.BadParameter(f"{since} is after {until}. Give --since a week before that of --until.")
    return View(Selection(tuple(repo or ()), tuple(team or ())), weeks or WEEKS, last, first)


def _form(*, as_json: bool, as_csv: bool) -> str:
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv are two forms. Give one of them.")
    return "json" if as_json else "csv" if as_csv else "text"


def _monday(week: str | None) -> "date | None":
    from dashboard import wording

    try:
        return wording.week_monday(week) if week else None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def main() -> None:
    """Run the command; what we can explain is told in one line and not as a traceback."""
    import shutil

    from dashboard.terminal import printable
    from ingest.errors import TwinledgerError

    try:
        app()
    except TwinledgerError as error:
        sys.exit(f"twinledger: {printable(str(error))}")  # it may quote what came from outside
    except OSError as error:
        if error.filename is None:
            raise
        sys.exit(f"twinledger: {error.filename}: {error.strerror}.")
    except ImportError:
        if shutil.which("git"):
            raise
        sys.exit("twinledger: There is no git on the PATH. Install git with your system's packages.")
