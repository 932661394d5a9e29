"""Findings of scanners from SARIF files in the drop folder: a run is a scan of a repository at a commit."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ingest.persons import Persons
from ingest.settings import Settings
from ingest.sources import drop, sarif
from ingest.sources.columns import RowError, moment, shown
from ingest.sources.lines import FileError, check_encoding
from ingest.sources.rejects import Report
from ingest.sources.source import Batch, Reject, Source

LARGEST = 64 << 20  # bytes of a file; reading one takes about ten times as much memory
# findings-shop-web-1f0c9a2.sarif, and behind the commit whatever tells two files apart
_NAMED = re.compile(r"(?:findings[-_.])?(?:(.+)[-_.])?([0-9a-f]{7,40})(?:[-_.].*)?", re.IGNORECASE)
_REMEDY = "Let the scanner write versionControlProvenance, or call the file findings-REPO-SHA.sarif"


class Scan(NamedTuple):
    """A row of `scans`."""

    scan: str
    tool: str
    part: str
    names: tuple[str, ...]
    sha: str
    ran_at: datetime | None
    is_clean: bool | None


class Spoken(NamedTuple):
    """A row of `scan_categories`."""

    scan: str
    category: str


class Found(NamedTuple):
    """A row of `scan_results`."""

    scan: str
    fingerprint: str
    twins: int
    rule: str
    severity: str
    category: str
    path: str | None
    line: int | None


class _Read(NamedTuple):
    scan: Scan
    categories: frozenset[str]
    results: Sequence[sarif.Result]


def fetch(settings: Settings, persons: Persons) -> Batch:
    """Every scan in the drop folder; of scans of one tool, commit and time the last file."""
    del persons  # a finding names nobody
    scans: dict[str, list[_Read]] = {}
    rejects: list[Reject] = []
    for file in drop.files(settings, "findings"):
        report = Report(drop.name(file))
        of_file: dict[str, list[_Read]] = {}
        for read in _scans(file, report):
            of_file.setdefault(read.scan.scan, []).append(read)  # runs on parts of a repository are one scan
        scans |= of_file
        rejects += report.lines()
    moments = [read.scan.ran_at for reads in scans.values() for read in reads if read.scan.ran_at]
    return Batch(
        rows={
            "scans": [_together(reads) for reads in scans.values()],
            "scan_categories": [
                Spoken(scan, category)
                for scan, reads in scans.items()
                for category in sorted(frozenset().union(*(read.categories for read in reads)))
            ],
            "scan_results": [row for scan, reads in scans.items() for row in _rows(scan, reads)],
        },
        rejects=rejects,
        data_from=min(moments, default=None),
        data_through=max(moments, default=None),
        replaced={table: [(scan,) for scan in scans] for table in ("scan_categories", "scan_results")},
    )


def _scans(file: Path, report: Report) -> Iterator[_Read]:
    reject = partial(report.reject, 0, content="")
    with drop.opened(file) as stream:
        written_at = datetime.fromtimestamp(os.fstat(stream.fileno()).st_mtime, UTC).replace(tzinfo=None)
        try:
            check_encoding(stream)
            for run in sarif.runs(_content(stream), lambda reason: reject(reason=reason)):
                report.begin(0, "")
                read = _scan(file, written_at, run, report)
                if isinstance(read, str):
                    reject(reason=read)
                else:
                    report.settle()
                    yield read
        except (FileError, sarif.SarifError) as fault:
            reject(reason=str(fault))


def _content(stream: BinaryIO) -> bytes:
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        reason = f"The file has more than {LARGEST:,} bytes. Write a file for each run, without code flows."
        raise sarif.SarifError(reason)
    return content


def _scan(file: Path, written_at: datetime, run: sarif.Run, report: Report) -> _Read | str:
    """The scan that a run is, or why it is none."""
    about = f"Run {run.number} of {shown(run.tool)}"
    named = _NAMED.fullmatch(re.sub(r"\.(sarif|json)", "", drop.name(file), flags=re.IGNORECASE))
    sha = run.sha or (named[2].lower() if named else None)
    if sha is None:
        return f"{about} does not name its commit. {_REMEDY}."
    names = tuple(dict.fromkeys(name for name in (run.repository, named[1] if named else None) if name))
    if not names:
        report.doubt("A run does not name its repository; which one it is tells its commit, where only one has that")
    if run.is_failed:
        report.doubt("A run failed, or has no results, so what it would have found is unknown: {}", run.tool)
    if run.nameless:
        report.doubt(f"{run.nameless:,} results name no rule and were not read")
    ended_at = max(filter(None, (_moment(each, report) for each in run.ended)), default=None)
    ran_at = min(ended_at, written_at) if ended_at else None
    if ran_at is None:
        report.doubt("A run does not say when it ended, and counts as of the landing of its commit")
    elif ran_at != ended_at:  # nobody had looked at what landed in between
        report.doubt("A run says that it ended after its file was written, and counts as of that: {}", run.tool)
    identity = (run.tool, run.part, "/".join(names), sha, str(ended_at))
    scan = hashlib.sha256("\0".join(identity).encode()).hexdigest()[:16]
    is_clean = None if run.is_failed else not run.results
    results = () if run.is_failed else run.results
    return _Read(Scan(scan, run.tool, run.part, names, sha, ran_at, is_clean), run.categories, results)


def _moment(text: str, report: Report) -> datetime | None:
    try:
        return moment(text, lambda what, value=None: report.doubt(f"endTimeUtc {what}", value))
    except RowError as error:
        report.doubt(f"endTimeUtc {str(error).rstrip('.')}")
        return None


def _together(reads: Sequence[_Read]) -> Scan:
    """The runs of a file that look at parts of one repository as the scan that they are; if one failed, all is unknown."""
    states = [read.scan.is_clean for read in reads]
    return reads[-1].scan._replace(is_clean=None if None in states else all(states))


def _rows(scan: str, reads: Sequence[_Read]) -> Iterator[Found]:
    if _together(reads).is_clean is None:
        return
    tool = reads[0].scan.tool
    results = {result: None for read in reads for result in read.results}
    ordered = sorted(results, key=lambda each: (each.path or "", each.line or 0, each.column, each.rule))
    twins = Counter(_kin(result) for result in ordered)
    numbers: Counter[tuple[str, str, str]] = Counter()
    for result in ordered:
        kin = _kin(result)
        numbers[kin] += 1
        fingerprint = hashlib.sha256("\0".join((tool, *kin, str(numbers[kin]))).encode()).hexdigest()
        yield Found(
            scan, fingerprint, twins[kin], result.rule, result.severity, result.category, result.path, result.line
        )


def _kin(result: sarif.Result) -> tuple[str, str, str]:
    return result.rule, result.path or "", result.text


SOURCE = Source(
    name="findings",
    tables={"scans": ("scan",), "scan_categories": ("scan",), "scan_results": ("scan",)},
    cursor=partial(drop.cursor, "findings"),
    fetch=fetch,
)
