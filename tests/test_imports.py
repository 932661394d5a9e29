"""The import contracts of pyproject.toml hold: among them that the two ledgers never know each other."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_import_contracts_hold() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(contracts)} kept, 0 broken" in done.stdout
    assert [contract["name"] for contract in contracts if f"{contract['name']} KEPT" not in done.stdout] == []


def test_the_thesis_is_among_them() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]

    apart = [contract["modules"] for contract in contracts if contract["type"] == "independence"]

    assert apart == [["metrics.adoption", "metrics.quality"]]
