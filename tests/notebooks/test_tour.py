"""The notebook: it runs from its first cell to its last on the sample organisation, and is kept without what it printed."""

import ast
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

TOUR = Path(__file__).parents[2] / "notebooks" / "tour.ipynb"


@pytest.fixture(scope="module")
def tour() -> NotebookNode:
    return nbformat.read(TOUR, as_version=4)


def code(tour: NotebookNode) -> list[str]:
    return [cell.source for cell in tour.cells if cell.cell_type == "code"]


def test_it_is_kept_without_outputs(tour: NotebookNode) -> None:
    nbformat.validate(tour)
    for cell in tour.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None), cell.id
    assert set(tour.metadata) == {"kernelspec", "language_info"}


def test_it_reads_through_the_metrics_and_asks_no_table_itself(tour: NotebookNode) -> None:
    trees = [ast.parse(source) for source in code(tour)]
    imported = {
        name.split(".")[0]
        for tree in trees
        for node in ast.walk(tree)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        )
    }  # fmt: skip
    assert imported == {"os", "pathlib", "duckdb", "pandas", "metrics"}
    called = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert called.isdisjoint({"execute", "query", "table"})


def test_it_runs_on_the_sample_and_its_units_add_up(
    tour: NotebookNode, sample: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TWINLEDGER_WAREHOUSE", str(sample / "data" / "warehouse"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))  # nothing of the user's own set-up
    NotebookClient(
        tour, timeout=120, kernel_name="python3", resources={"metadata": {"path": os.fspath(TOUR.parent)}}
    ).execute()

    cells = [cell for cell in tour.cells if cell.cell_type == "code"]
    texts = ["".join(out.get("text", "") or out["data"]["text/plain"] for out in cell.outputs) for cell in cells]
    assert [out.output_type for cell in cells for out in cell.outputs if out.output_type == "error"] == []
    assert any("Landed lines dead within 14 days" in text and "Weekly active" in text for text in texts)
    assert any(" lines in " in text and "changes: " in text for text in texts)
