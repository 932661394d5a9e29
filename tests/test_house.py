"""The house rules that no other tool enforces."""

import re
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("ingest", "metrics", "dashboard")
# What a package holds besides Python: SQL, rules, the server's defaults, templates of pages and reports.
DATA = {".sql", ".yaml", ".toml", ".html", ".css", ".md", ".json"}


def told(*command: str, cwd: Path = ROOT) -> str:
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


def our_files() -> list[Path]:
    """What is committed, or would be: everything that is not ignored."""
    listed = told("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return sorted({ROOT / name for name in listed if name and (ROOT / name).is_file()})


def test_the_command_line_loads_nothing_heavy_before_a_command_runs() -> None:
    loaded = told(sys.executable, "-c", "import sys, dashboard.cli; print(*sys.modules)")

    heavy = {"pandas", "streamlit", "plotly", "scipy", "duckdb", "pyarrow", "git", "dask"}
    assert set(loaded.split()) & heavy == set()


def test_no_file_of_the_dashboard_hides_a_module_of_the_same_name() -> None:
    # `streamlit run` puts the folder of its script first on sys.path: a statistics.py there would be everybody's.
    stems = {file.stem for file in (ROOT / "dashboard").rglob("*.py")} - {"__init__"}

    assert stems & (sys.stdlib_module_names | set(packages_distributions()) | {*PACKAGES, "data"}) == set()


def test_the_tests_are_no_package() -> None:
    assert [file for file in our_files() if file.name == "__init__.py" and ROOT / "tests" in file.parents] == []


def test_make_lists_every_target() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    listed = re.findall(r"^  ([a-z-]+) +\S", told("make", "--no-print-directory"), re.MULTILINE)

    assert listed == targets
    assert set(targets) >= {"demo", "test", "check", "bench", "format", "help"}


def test_the_build_server_runs_what_the_readme_tells_to_run() -> None:
    commands = re.findall(r"^make [a-z-]+$", (ROOT / ".ci/run").read_text(), re.MULTILINE)

    assert commands == ["make check", "make test"]
    assert {command for command in commands if command not in (ROOT / "README.md").read_text()} == set()


def test_no_file_names_a_package_index_or_a_place_on_the_machine_it_was_written_on() -> None:
    # Put together here, or this file would find itself.
    hosts = [
        "pypi." + "org",
        "python" + "hosted",
        "registry." + "npmjs",
        "deb." + "debian",
        "index" + "-url",
        "find" + "-links",
    ]
    places = ["work", "tmp/" + "env", "tmp/" + "lock", "opt/" + "pypi", "opt/" + "wheels", "root/" + ".pyenv"]
    forbidden = re.compile(
        rf"{'|'.join(map(re.escape, hosts))}|(?<![\w.<>-])/({'|'.join(map(re.escape, places))})/".encode()
    )

    found = {str(file.relative_to(ROOT)): forbidden.findall(file.read_bytes()) for file in our_files()}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_every_version_is_pinned_and_none_by_an_address() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()

    assert [line for line in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line)] == []


def test_the_wheel_holds_the_three_packages_and_their_data_and_nothing_else(tmp_path: Path) -> None:
    told(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    [wheel] = tmp_path.glob("*.whl")
    built = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    ours = {str(file.relative_to(ROOT)) for file in our_files()}

    assert built == {name for name in ours if name.startswith(tuple(f"{package}/" for package in PACKAGES))}
    assert {Path(name).suffix for name in built} <= DATA | {".py"}
