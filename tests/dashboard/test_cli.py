"""Every command as a user runs it: what it does, what it prints, and what it says when it cannot."""

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from filelock import FileLock

from dashboard import cli, published
from ingest.settings import Settings
from ingest.sources import SOURCES
from metrics.registry import ADOPTION, BY_KEY, METRICS
from tests.conftest import GitRepository
from tests.dashboard.conftest import COMMAND, Site, told

README = Path(__file__).parents[2] / "README.md"
COMMANDS = [command.name or command.callback.__name__ for command in cli.app.registered_commands if command.callback]


@dataclass(frozen=True)
class Said:
    """What a command ended with."""

    code: int
    out: str
    error: str


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in this process: the same entry point, without a second for imports."""

    def on(*words: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["twinledger", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        # sys.exit with text prints it on its way out of the process.
        if isinstance(end.value.code, str):
            return Said(1, said.out, end.value.code + "\n")
        return Said(int(end.value.code or 0), said.out, said.err)

    return on


def really(*words: str | Path, **more: Any) -> Said:
    """Runs the installed command in a process of its own."""
    done = subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, check=False, timeout=120, **more)
    return Said(done.returncode, done.stdout, done.stderr)


def problem(said: Said) -> str:
    """The one line of a command that cannot go on."""
    assert (said.code, said.out) == (1, "")
    assert said.error.startswith("twinledger: ")
    assert said.error.count("\n") == 1
    return said.error.removeprefix("twinledger: ").removesuffix("\n")


def misuse(said: Said) -> str:
    """The last line about words that the command does not know."""
    assert (said.code, said.out) == (2, "")
    assert "Traceback" not in said.error
    return said.error.splitlines()[-1].removeprefix("Error: ").removeprefix("Invalid value: ")


# Help


def test_help_names_every_command() -> None:
    said = told("--help")

    assert set(COMMANDS) == {
        "init", "doctor", "ingest", "nightly", "serve", "report", "metrics", "units", "divergence", "verify", "explain",
        "sample",
    }  # fmt: skip
    assert re.findall(r"^  (\w+) +\S", said.partition("Commands:")[2], re.MULTILINE) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does_and_explains_each_of_its_options(command: str, run: Run) -> None:
    said = run(command, "--help")

    assert said.code == 0
    options = re.findall(r"^  (--[a-z-]+)(?: [A-Za-z0-9_<>=]+)? *(.*)$", said.out, re.MULTILINE)
    assert options
    # A long option leaves its explanation to the next line.
    lines = said.out.splitlines()
    for option, explained in options:
        [number] = [number for number, line in enumerate(lines) if line.startswith(f"  {option}")][:1]
        assert explained or lines[number + 1].startswith("     "), option


def test_help_loads_nothing_heavy() -> None:
    program = "import sys; from dashboard import cli; sys.argv[1:] = ['--help']\ntry: cli.main()\nfinally: print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False).stdout.split()

    assert "dashboard.cli" in loaded
    assert (
        set(loaded) & {"pandas", "streamlit", "plotly", "scipy", "duckdb", "pyarrow", "git", "dask", "jinja2"} == set()
    )


def test_ingest_never_loads_what_only_pages_need(site: Callable[..., Site]) -> None:
    program = "import sys; from dashboard import cli\ntry: cli.main()\nfinally: print(*sys.modules)"
    words = [sys.executable, "-c", program, "ingest", "--settings", str(site().settings)]
    loaded = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()

    assert "duckdb" in loaded
    assert set(loaded) & {"streamlit", "plotly", "dask", "jinja2"} == set()


# From nothing to numbers


def test_a_stranger_comes_from_a_repository_to_its_numbers_in_three_commands(
    git_repository: Callable[..., GitRepository], tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = git_repository("widgets")
    for number in range(12):
        repository.commit(f"Add widget {number}", {"widgets.py": f"print({number})\n"})
    monkeypatch.chdir(tmp_path)

    first = run("init", "widgets")
    assert (first.code, first.out) == (0, "Wrote settings.toml. Next: twinledger ingest, then twinledger serve.\n")
    assert "settings.toml is there already" in problem(run("init", "widgets"))
    assert run("init", "widgets", "--force").code == 0

    before = run("doctor")
    assert before.code == 0
    assert re.search(r"^ok +widgets: branch main is at [0-9a-f]{10}\.$", before.out, re.MULTILINE)
    assert re.search(r"^note +Nothing has been published yet\.\n +Run `twinledger ingest`\.$", before.out, re.MULTILINE)
    assert "seat_use" in before.out  # what stays empty without a drop folder

    assert "Nothing is published in data/warehouse yet. Run `twinledger ingest" in problem(run("metrics"))
    assert "Nothing is published in data/warehouse yet. Run `twinledger ingest" in problem(run("report"))

    ingested = run("ingest")
    assert ingested.code == 0
    read = r"git widgets: 12 commits in \d+\.\d s\nattribution widgets: nothing new\nsettled values: \d+ rows in \d+\.\d s\n"
    assert re.fullmatch(read, ingested.out)
    nothing = [f"{name}: nothing new" for name in ("git widgets", "attribution widgets", "settled values")]
    assert run("ingest").out.splitlines() == nothing

    rows = json.loads(run("metrics", "--json").out)
    assert {row["metric"] for row in rows} == set(BY_KEY)
    assert run("doctor").code == 0


def test_doctor_says_what_is_wrong_and_what_to_do(tmp_path: Path, run: Run) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[[repositories]]\nname = "gone"\nlocation = "nowhere"\n')

    said = run("doctor", "--settings", settings)
    assert said.code == 1
    assert re.search(r"^wrong +gone: .*nowhere does not exist", said.out, re.MULTILINE)


def test_the_sample_is_made_by_one_command_and_ingested_by_the_next(shop: Site) -> None:
    first, *lines = (shop.folder.parent / "said.txt").read_text("utf-8").splitlines()

    assert first == f"Wrote {shop.folder}. Next: twinledger ingest --settings {shop.settings}"
    assert (shop.folder / "truth.json").exists()
    read = r"((git|attribution|settled|origins of findings) )?[\w-]+: [\d,]+ (commits|rows) in \d+\.\d s.*"
    alarms = [line for line in lines if line.startswith("ALARM: ")]
    assert [line.partition(", since ")[0] for line in alarms] == [
        "ALARM: weekly use of AI tools and churn",
        "ALARM: the share of landed lines marked AI and churn",
        "ALARM: the share of changes marked AI and incidents per 100 changes",
    ]
    assert all("shop-payments" in line for line in alarms)
    assert [line for line in lines if not re.fullmatch(read, line) and line not in alarms] == [
        "drop folder: nothing new"
    ]
    names = {line.partition(":")[0] for line in lines}
    assert names >= {*(source.name for source in SOURCES), "git shop-web", "attribution shop-web", "settled values"}


def test_the_sample_does_not_overwrite_what_is_no_sample(tmp_path: Path, run: Run) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    assert "is not empty" in problem(run("sample", tmp_path))
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


# Numbers


def test_metrics_prints_both_ledgers_with_interval_change_sample_and_weeks(run: Run, shop: Site) -> None:
    lines = run("metrics", "--settings", shop.settings).out.splitlines()

    assert [line.split()[:2] for line in lines] == [
        [metric.ledger, key]
        for key in dict.fromkeys(key for metric in METRICS for key in (metric.key, metric.paired_quality) if key)
        for metric in [BY_KEY[key]]
    ]
    shape = r"\w+ +\w+ +\$?[\d.]+.* \((.+ to .+|counted in full)\), [▲▼=] .+; [\d,]+ .+, the 12 weeks to 2026-W\d\d"
    assert [line for line in lines if not re.fullmatch(shape, line)] == []


@pytest.mark.parametrize("by", ["team", "repo", "cohort", "stratum"])
def test_a_split_gives_rows_that_add_up_to_the_whole(by: str, run: Run, shop: Site) -> None:
    rows = json.loads(run("metrics", "--json", "--by", by, "--settings", shop.settings).out)

    for row in rows:
        assert row["by"][by]
        if by == "cohort" and "cohort" in row:  # a row for every cohort of each change: together they make the whole
            assert sum(part["numerator"] for part in row["by"][by]) == row["denominator"]
            continue
        for count in ("numerator", "denominator"):
            assert sum(part[count] for part in row["by"][by]) == pytest.approx(row[count]), row["metric"]
        for part in row["by"][by]:
            assert part["value"] is None or part["low"] <= part["value"] <= part["high"]
    text = run("metrics", "--by", by, "--settings", shop.settings).out
    names = {part[by] for row in rows for part in row["by"][by]}
    assert {name for name in names if f"{name}: " not in text} == set()


@pytest.mark.parametrize("metric", ADOPTION, ids=lambda metric: metric.key)
def test_an_adoption_metric_never_comes_without_its_pair(metric: Any, run: Run, shop: Site) -> None:
    rows = json.loads(run("metrics", metric.key, "--json", "--settings", shop.settings).out)

    assert [row["metric"] for row in rows] == [metric.key, metric.paired_quality]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["revert_rat"], "'revert_rat' is no metric. Did you mean revert_rate?"),
        (["xyzzy"], "'xyzzy' is no metric. Known: weekly_active, "),
        (["--by", "teams"], "'teams' is not a split. Use one of: team, repo, cohort, stratum."),
        (["--repo", "shop-serach"], "'shop-serach' is no repository. Known: shop-payments, shop-search, shop-web."),
        (["--team", "<b>"], "'<b>' is no team. Known: "),
        (
            ["--until", "last week"],
            "'last week' is neither an ISO week nor a day. Write it as 2026-W46, or as 2026-11-09.",
        ),
        (["--since", "2026-W30", "--until", "2026-07-19"], "2026-W30 is after 2026-07-19."),
        (["--since", "2026-W30", "--weeks", "4"], "--since and --weeks both say where the window begins."),
        (["--json", "--csv"], "--json and --csv are two forms. Give one of them."),
        (["--weeks", "0"], "greater than or equal to 1"),
        (["--jsn"], "No such option: --jsn"),
    ],
)
def test_words_that_mean_nothing_are_answered_with_those_that_do(
    words: list[str], said: str, run: Run, shop: Site
) -> None:
    assert said in misuse(run("metrics", *words, "--settings", shop.settings))


def test_a_window_may_be_named_by_its_ends(run: Run, shop: Site) -> None:
    def window(*words: str) -> list[str]:
        [first, *_] = json.loads(run("metrics", "revert_rate", "--json", *words, "--settings", shop.settings).out)
        return [first["since"], first["until"]]

    # A day means its week.
    assert window("--since", "2026-W20", "--until", "2026-W24") == ["2026-05-11", "2026-06-15"]
    assert window("--since", "2026-05-14", "--until", "2026-06-08") == ["2026-05-11", "2026-06-15"]
    assert window("--weeks", "5", "--until", "2026-W24") == ["2026-05-11", "2026-06-15"]
    late = run("metrics", "revert_rate", "--since", "2026-W46", "--settings", shop.settings).out.splitlines()[0]
    assert late.endswith("no data: needs settled weeks from the first one asked for on")


def test_a_spreadsheet_has_what_json_has(run: Run, shop: Site) -> None:
    words = ["metrics", "ai_change_share", "--by", "team", "--settings", shop.settings]
    rows = list(csv.DictReader(io.StringIO(run(*words, "--csv").out, newline="")))
    told = json.loads(run(*words, "--json").out)

    assert {row["metric"] for row in rows} == {"ai_change_share", "incident_rate"}
    assert [(row["metric"], row["of"], float(row["numerator"])) for row in rows] == [
        (metric["metric"], part["team"], part["numerator"]) for metric in told for part in metric["by"]["team"]
    ]
    whole = list(csv.DictReader(io.StringIO(run("metrics", "--csv", "--settings", shop.settings).out, newline="")))
    assert {row["metric"] for row in whole} == set(BY_KEY)


def test_the_statement_of_a_metric_runs_as_it_is_printed_and_gives_the_value(run: Run, shop: Site) -> None:
    for key in ("churn", "duplication", "ai_line_share"):
        text = run("metrics", key, "--sql", "--settings", shop.settings).out
        assert f"-- duckdb -readonly {shop.generation}\n" in text
        [told, *_] = json.loads(run("metrics", key, "--json", "--settings", shop.settings).out)
        with published.connect(shop.generation) as con:
            rows = con.execute(text).df()
        rows = rows[rows["team"] != "suppressed"]
        rows = rows[rows["cohort"] == told["cohort"]] if "cohort" in told else rows
        rows = rows.sort_values("week").groupby("repo").tail(1) if BY_KEY[key].is_state else rows
        assert rows["numerator"].sum() / rows["denominator"].sum() == pytest.approx(told["value"])


# Units


def units(run: Run, *words: str | Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run("units", *words, "--csv").out, newline="")))


@pytest.mark.parametrize("key", ["churn", "revert_rate", "duplication", "change_fail_rate"])
def test_the_units_of_a_value_add_up_to_it(key: str, run: Run, shop: Site) -> None:
    rows = units(run, key, "--settings", shop.settings)
    [told, *_] = json.loads(run("metrics", key, "--json", "--settings", shop.settings).out)

    assert {row["metric"] for row in rows} == {key}
    assert len(rows) == told["units"]
    for name in ("numerator", "denominator"):
        assert sum(float(row[name]) for row in rows) == pytest.approx(told[name])
    [as_json] = json.loads(run("units", key, "--json", "--settings", shop.settings).out)
    assert [row["unit"] for row in as_json["rows"]] == [row["unit"] for row in rows]
    text = run("units", key, "--limit", "2", "--settings", shop.settings).out.splitlines()
    assert f"  {min(2, len(rows))} of {len(rows):,} " in text[1]
    assert [line for line in text[2:] if rows[0]["unit"][:40] in line or rows[1]["unit"][:40] in line] == text[2:]


def test_units_are_those_of_the_selection(run: Run, shop: Site) -> None:
    chosen = ["--repo", "shop-web", "--cohort", "ai", "--since", "2026-W20", "--until", "2026-W30"]
    rows = units(run, "churn", *chosen, "--settings", shop.settings)

    assert rows
    assert {(row["repo"], row["cohort"]) for row in rows} == {("shop-web", "ai")}
    assert all("2026-05-11" <= row["week"] <= "2026-07-20" for row in rows)


def test_units_of_adoption_leave_together_with_those_of_their_quality(run: Run, shop: Site) -> None:
    rows = units(run, "ai_line_share", "--settings", shop.settings)

    assert list(dict.fromkeys(row["metric"] for row in rows)) == ["ai_line_share", "churn"]
    assert {row["cohort"] for row in rows if row["metric"] == "ai_line_share"} == {"ai"}
    assert [each["metric"] for each in json.loads(run("units", "ai_line_share", "--json", "--settings", shop.settings).out)] == [
        "ai_line_share", "churn"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["weekly_active"], "weekly_active counts people or their time, and rows about one person are shown"),
        (["debug_time_ratio"], "debug_time_ratio counts people or their time, and rows about one person are shown"),
        (["weekly"], "'weekly' is no metric. Did you mean "),
        (["churn", "--cohort", "robots"], "'robots' is no cohort. Use one of: ai, human, unknown."),
        (["churn", "--limit", "0"], "greater than or equal to 1"),
    ],
)
def test_units_that_cannot_be_shown_are_refused(words: list[str], said: str, run: Run, shop: Site) -> None:
    assert said in misuse(run("units", *words, "--settings", shop.settings))


# Lines


def test_a_line_is_explained_in_plain_words(
    run: Run, tmp_path: Path, git_repository: Callable[..., GitRepository]
) -> None:
    shop = git_repository()
    shop.commit("Begin", {"a.py": "x = 1\n"}, at="2020-01-01T00:00:00+0000")
    mark = "Co-authored-by: Claude <noreply@anthropic.com>"
    sha = shop.commit(f"Add y (#7)\n\n{mark}\n", {"a.py": "x = 1\ny = [\n\t2]\n"})
    settings = tmp_path / "settings.toml"
    settings.write_text('[[repositories]]\nname = "shop"\nlocation = "shop"\n')
    assert run("ingest", "--settings", settings).code == 0

    said = re.sub(r"[0-9a-f]{16}", "PERSON", run("explain", "shop", "a.py:2-3", "--settings", settings).out)
    assert re.sub(r"\d+ (day|month|year)s? ago", "AGO", said).splitlines() == [
        f"a.py:2-3 on main of shop, at {sha[:12]}",
        "    2 | y = [",
        "    3 |     2]",
        f"  written    by person PERSON, team not known, in {sha[:12]}: Add y (#7)",
        "  landed     on 2026-01-05, AGO, by itself, as pull request #7",
        "  line       added (2 code)",
        "  cohort     ai: the records say that an AI tool wrote or co-wrote it",
        f"             - ai: claude-code; declared by its commit, rule claude-code (git): {mark}",
        "",
    ]
    baseline = run("explain", "shop", "a.py:1", "--settings", settings).out
    assert "cohort     baseline: it landed before 2021-06-29, the day from which AI tools are counted\n" in baseline

    whole = run("explain", "shop", "a.py", "--settings", settings).out.splitlines()
    assert whole[:2] == [f"a.py on main of shop, at {sha[:12]}: 3 lines", "  cohorts    ai 2 (67 %), baseline 1 (33 %)"]
    rows = [line.split() for line in whole if "added" in line]
    assert [(row[0], row[1], row[4]) for row in rows] == [("1", "baseline", "2020-01-01"), ("2-3", "ai", "2026-01-05")]

    told = json.loads(run("explain", "shop", "a.py:2", "--json", "--settings", settings).out)
    assert [(line["line"], line["text"], line["cohort"], line["commit"]) for line in told["lines"]] == [
        (2, "y = [", "ai", sha)
    ]
    assert told["changes"][sha]["pull_request"] == 7
    assert told["commits"][sha]["reasons"][0]["class"] == "ai"


def test_a_commit_is_explained_and_a_file_called_like_one_is_taken_first(
    run: Run, tmp_path: Path, git_repository: Callable[..., GitRepository]
) -> None:
    shop = git_repository()
    mark = "Co-authored-by: Claude <noreply@anthropic.com>"
    shop.commit("Begin")
    sha = shop.commit(f"Add x (#7)\n\n{mark}\n", {"a.py": "x = 1\n"})
    settings = tmp_path / "settings.toml"
    settings.write_text('[[repositories]]\nname = "shop"\nlocation = "shop"\n')
    assert run("ingest", "--settings", settings).code == 0

    said = re.sub(r"[0-9a-f]{16}\b", "PERSON", run("explain", "shop", sha[:9].upper(), "--settings", settings).out)
    assert re.sub(r"method \w+", "method VERSION", said).splitlines() == [
        f"{sha[:12]} on main of shop: Add x (#7)",
        "  verdict      AI: an AI tool wrote or co-wrote it",
        "  written      by person PERSON, team not known, on 2026-01-05",
        "  landed       on 2026-01-05, by itself, as pull request #7",
        "  change       the change, of 1 commit, counts as ai",
        "  lines        1 line that landed: 1 line ai",
        "  why          the best of its evidence says an AI tool (claude-code): declared, of the commit, by rule claude-code",
        "  would change a record of its lines, as git-ai's notes are one: it would decide instead of all else",
        "               better evidence, or a file of rules (attribution.rules) that leaves claude-code out where it is mistaken",
        "",
        "  1 row of evidence:",
        "  - an AI tool (claude-code); declared, of the commit: decides",
        f"      by git, claude-code: {mark}",
        "      seen 2026-01-05 10:00, method VERSION",
    ]
    told = json.loads(run("explain", "shop", sha, "--json", "--settings", settings).out)
    assert (told["commit"], told["landed"]["cohort"], len(told["evidence"])) == (sha, "ai", 1)
    unknown = problem(run("explain", "shop", "0" * 7, "--settings", settings))
    assert unknown.startswith("shop has no commit 0000000, and no evidence about one.")

    shop.commit("Add a file called so", {sha[:9]: "y = 1\n"})
    assert run("ingest", "--settings", settings).code == 0
    both = run("explain", "shop", sha[:9], "--settings", settings)
    assert both.out.startswith(f"{sha[:9]} on main of shop, at ")
    assert both.error == f"{sha[:9]} is a file. For the commit, write commit:{sha[:9]}\n"
    forced = run("explain", "shop", f"commit:{sha[:9]}", "--settings", settings)
    assert (forced.out.splitlines()[0], forced.error) == (f"{sha[:12]} on main of shop: Add x (#7)", "")
    path = run("explain", "shop", f"./{sha[:9]}", "--settings", settings)
    assert (path.out, path.error) == (both.out, "")


def test_what_a_repository_brings_along_never_steers_the_terminal(
    run: Run, tmp_path: Path, git_repository: Callable[..., GitRepository]
) -> None:
    shop = git_repository()
    evil = "\x1b]0;owned\x07\u202e\x9b2J\x7f"
    sha = shop.commit(f"Begin {evil}", {f"a{evil}.py": f"x = '{evil}'\n"})
    settings = tmp_path / "settings.toml"
    settings.write_text('[[repositories]]\nname = "shop"\nlocation = "shop"\n')
    assert run("ingest", "--settings", settings).code == 0

    for words in ([f"a{evil}.py"], [f"a{evil}.py:1"], [f"a{evil}.py", "--json"]):
        said = run("explain", "shop", *words, "--settings", settings)
        assert said.code == 0
        assert [letter for letter in said.out.replace("\n", "") if not letter.isprintable()] == []
        assert "owned" in said.out
    subject = run("explain", "shop", sha, "--settings", settings).out
    assert "owned" in subject
    assert subject.replace("\n", "").isprintable()
    assert json.loads(said.out)["path"] == f"a{evil}.py"
    missing = problem(run("explain", "shop", f"b{evil}.py", "--settings", settings))
    assert "Did you mean a\\x1b" in missing
    assert missing.isprintable()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "does not exist. Write one with `twinledger init PATH...`"),
        ("[organisation", "is not valid TOML"),
        ("[organisaton]\n", "organisaton is not a setting. Did you mean organisation?"),
    ],
)
@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if command not in ("init", "doctor", "sample", "verify")]
)
def test_settings_that_cannot_be_read_are_explained(
    command: str, text: str | None, said: str, run: Run, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.toml"
    if text is not None:
        settings.write_text(text)

    words = {"explain": ("shop", "a.py"), "units": ("churn",)}.get(command, ())
    assert said in problem(run(command, *words, "--settings", settings))
    assert [file.name for file in tmp_path.iterdir()] == ([] if text is None else ["settings.toml"])


def test_a_generation_of_another_version_is_named_and_not_read(
    run: Run, site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = site()
    small.ingest()
    monkeypatch.setattr("ingest.warehouse.derived_version", lambda: "another")

    said = problem(run("metrics", "--settings", small.settings))
    assert said.endswith(
        f"was made by another version of twinledger. Run `twinledger ingest --settings {small.settings}`."
    )


def test_without_git_the_real_command_says_so_in_one_line(shop: Site, tmp_path: Path) -> None:
    done = really("ingest", "--settings", shop.settings, env={"PATH": str(tmp_path)})

    assert (done.code, done.out) == (1, "")
    assert done.error == "twinledger: There is no git on the PATH. Install git with your system's packages.\n"


def test_a_folder_that_cannot_be_written_is_named(run: Run, shop: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    said = problem(run("report", "--week", "2026-W46", "--out", tmp_path / "file", "--settings", shop.settings))
    assert said == f"{tmp_path / 'file'}: File exists."


@pytest.mark.parametrize("week", ["2031-W01", "2026-W60", "46"])
def test_a_week_that_is_none_or_not_there_yet_is_not_reported(week: str, run: Run, shop: Site, tmp_path: Path) -> None:
    said = run("report", "--week", week, "--out", tmp_path, "--settings", shop.settings)

    if week == "2031-W01":
        assert re.match(
            r"The data speak from 2025-01-01 to 2026-11-\d\d: there is nothing to report of 2031-W01\.", problem(said)
        )
    else:
        assert misuse(said) == f"{week!r} is not an ISO week. Write it as 2026-W46."
    assert list(tmp_path.iterdir()) == []


def test_a_history_that_began_this_week_has_no_week_to_report(
    run: Run, git_repository: Callable[..., GitRepository], tmp_path: Path
) -> None:
    young = git_repository()
    young.commit(at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    settings = tmp_path / "young.toml"
    run("init", young.path, "--settings", settings)
    run("ingest", "--settings", settings)

    assert re.search(r"there is nothing to report of \d{4}-W\d\d\.$", problem(run("report", "--settings", settings)))


# The night


@pytest.fixture
def night(site: Callable[..., Site]) -> Iterator[Site]:
    """A site with one source that fails."""
    made = site("people.csv", "usage_days.csv", more='\n[[repositories]]\nname = "gone"\nlocation = "nowhere"\n')
    yield made
    assert not list(made.folder.glob("**/.building*"))


def test_a_night_in_which_a_source_failed_publishes_reports_and_says_so(night: Site, run: Run) -> None:
    first = run("nightly", "--settings", night.settings)

    assert first.code == 1
    assert re.search(r"^git shop-search: [\d,]+ commits in \d+\.\d s$", first.out, re.MULTILINE)
    assert re.search(r"^git gone: FAILED: gone: .*nowhere does not exist\.", first.out, re.MULTILINE)
    assert "Traceback" not in first.out + first.error
    reports = night.folder / "data" / "exports"
    wrote = [Path(line.removeprefix("Wrote ")).name for line in first.out.splitlines() if line.startswith("Wrote ")]
    assert wrote == ["twinledger-2026-W46.html", "twinledger-2026-W46.md"]
    assert "- git gone: never read (failed)" in (reports / wrote[1]).read_text("utf-8")
    assert night.generation.exists()

    # The second night has nothing new, and nothing to report again.
    written = {file.name: file.stat().st_mtime_ns for file in reports.iterdir()}
    second = run("nightly", "--settings", night.settings)
    assert second.code == 1
    assert "Wrote" not in second.out
    assert {file.name: file.stat().st_mtime_ns for file in reports.iterdir()} == written

    # What was missed is made up for as soon as it is missing.
    (reports / wrote[0]).unlink()
    assert "Wrote" in run("nightly", "--settings", night.settings).out


def test_a_good_night_ends_with_zero_and_plain_lines(site: Callable[..., Site]) -> None:
    small = site("people.csv")
    done = really("nightly", "--settings", small.settings)

    assert (done.code, done.error) == (0, "")
    assert "\r" not in done.out
    assert "\x1b" not in done.out
    assert all(re.match(r"[\w -]+: |Wrote ", line) for line in done.out.splitlines())


def test_a_second_run_is_told_at_once_who_holds_the_lock(site: Callable[..., Site]) -> None:
    small = site()
    small.ingest()
    before = small.generation
    # As another process holds it.
    lock = small.warehouse / "ingest.lock"
    holder = "import filelock, sys; lock = filelock.FileLock(sys.argv[1]); lock.acquire(); print('held', flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        (small.warehouse / "ingest.holder").write_text(f"process {other.pid}, since 2026-11-23 02:15:00 UTC\n")
        for command in ("nightly", "ingest"):
            began = time.monotonic()
            done = really(command, "--settings", small.settings)
            assert time.monotonic() - began < 20
            assert (done.code, done.out) == (1, "")
            assert done.error == (
                f"twinledger: Another ingest is running: process {other.pid}, since 2026-11-23 02:15:00 UTC. "
                "Wait until it has finished.\n"
            )
        other.communicate("\n")

    assert small.generation == before
    with FileLock(lock, timeout=0):
        pass


def test_on_a_terminal_there_is_a_bar(site: Callable[..., Site]) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [COMMAND, "ingest", "--settings", str(site().settings)], stdout=theirs, stderr=theirs
    ) as running:
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # how the end of a terminal looks on Linux
                break
            if not part:
                break
            seen += part
    os.close(ours)

    assert running.returncode == 0
    assert re.search(rb"shop-search: .* commits.*\r", seen)
    assert b"git shop-search: " in seen


# The server


def test_serve_says_when_its_port_is_taken(server: str, shop: Site) -> None:
    port = server.rpartition(":")[2]
    done = really("serve", "--settings", shop.settings, "--port", port)

    assert (done.code, done.out) == (1, "")
    assert done.error == f"twinledger: Port {port}: Address already in use. Name another with --port.\n"


# The documents


def settings_keys(cls: Any = Settings, above: str = "") -> Iterator[str]:
    """Every key of the settings file, as section.key."""
    hints = get_type_hints(cls)
    for item in fields(cls):
        kinds = [kind for kind in (hints[item.name], *get_args(hints[item.name])) if is_dataclass(kind)]
        name = f"{above}{item.name}"
        if kinds:
            yield from settings_keys(kinds[0], f"{name}.")
        elif name not in ("file", "targets"):  # where it was read from, and keys that are metrics
            yield name


@pytest.mark.parametrize(
    "mentioned",
    [*BY_KEY, *(f"twinledger {command}" for command in COMMANDS), *settings_keys(), "targets"],
)
def test_the_readme_mentions(mentioned: str) -> None:
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", README.read_text("utf-8"), re.DOTALL))

    assert re.search(rf"(?<![\w.-]){re.escape(mentioned)}(?![\w-])", code)
