"""git-ai's notes in the warehouse: evidence about lines, and a record of every note, read or not."""

from collections.abc import Iterator, Sequence

import duckdb

from ingest import warehouse
from ingest.attribution import doubts, evidence, notes
from ingest.attribution.note import Note
from ingest.git.mirror import Mirror
from ingest.persons import Persons

_KNOWN = """
    select sha, object, outcome != 'gone' and reason != $absent
    from line_records where repo = $repo and source = $source
"""
_FORGET = """
    delete from line_records
    where repo = $repo and source = $source and ($every or sha in (select unnest($about::varchar[])))
"""
_COUNT = "select count(*), count(*) filter (where outcome in ('read', 'partly')) from line_records where repo = ?"
_DOUBTS = """
    with about as (
        select line_records.*, commits.sha is null as is_off_branch
        from line_records left join commits using (repo, sha)
        where repo = $repo and source = $source
    )
    select if(outcome = 'refused', 'rejected', 'warning'), reason, count(*), min(sha), arg_min(detail, sha)
    from about where reason != '' group by all
    union all
    select 'warning', $off_branch, count(*), min(sha), ''
    from about where is_off_branch and outcome in ('read', 'partly') having count(*) > 0
    order by all
"""


def ingest(con: duckdb.DuckDBPyConnection, mirror: Mirror, persons: Persons, *, is_anew: bool) -> evidence.Part:
    """Read the notes that are new or different, and those whose commit has come since; what is gone goes.

    `is_anew` reads every note again. Raises HistoryError when they cannot be listed.
    """
    repo, every = mirror.name, {each.sha: each for each in notes.listing(mirror)}
    known = {} if is_anew else _known(con, repo)
    unsettled = [each for each in every.values() if known.get(each.sha) != (each.blob, True)]
    made_at = notes.dates(mirror, (each.sha for each in unsettled if each.is_note))
    wanted = {each.sha: each.blob for each in unsettled if each.sha in made_at}
    records = [notes.unread(repo, each) for each in unsettled if each.sha not in wanted]

    def found() -> Iterator[evidence.Evidence]:
        for sha, note in notes.read(mirror, wanted):
            records.append(notes.record(repo, sha, wanted[sha], note))
            if isinstance(note, Note):
                yield from notes.rows(repo, sha, made_at[sha], note, persons)

    about = None if is_anew else [*(sha for sha in known if sha not in every), *(each.sha for each in unsettled)]
    before = _count(con, repo)
    count = evidence.write(con, found(), repo=repo, source=notes.SOURCE, about=about)
    _keep(con, repo, records, about)
    refused = sum(record.outcome == "refused" for record in records)
    return evidence.Part(count, refused, is_changed=bool(wanted) or _count(con, repo) != before)


def _known(con: duckdb.DuckDBPyConnection, repo: str) -> dict[str, tuple[str, bool]]:
    """The notes that were looked at before: which object each was, and whether that is the last word about it."""
    rows = con.execute(_KNOWN, {"repo": repo, "source": notes.SOURCE, "absent": notes.ABSENT}).fetchall()
    return {sha: (blob, is_settled) for sha, blob, is_settled in rows}


def _keep(
    con: duckdb.DuckDBPyConnection, repo: str, records: Sequence[notes.Record], about: Sequence[str] | None
) -> None:
    of_repo = {"repo": repo, "source": notes.SOURCE}
    con.execute(_FORGET, {**of_repo, "every": about is None, "about": list(about or ())})
    warehouse.load(con, "line_records", records)
    said = con.execute(_DOUBTS, {**of_repo, "off_branch": notes.OFF_BRANCH}).fetchall()
    doubts.keep(con, repo, notes.REF, [
        (severity, doubts.sentence(count, "note", reason, f"on {sha}" + (f", {detail}" if detail else "")))
        for severity, reason, count, sha, detail in said
    ])  # fmt: skip


def _count(con: duckdb.DuckDBPyConnection, repo: str) -> tuple[int, ...]:
    return tuple(con.execute(_COUNT, [repo]).fetchall()[0])
