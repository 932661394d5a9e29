"""A repository's Agent Trace file in the warehouse: evidence about lines, at the commits that brought them."""

from collections.abc import Sequence

import duckdb

from ingest.attribution import agent_trace, doubts, evidence
from ingest.attribution.agent_trace import Claim, Doubt, Touch
from ingest.git import blobs
from ingest.git.mirror import Mirror

_TOUCHES = """
    select changes.sha, changes.path, authored_at, committed_at,
        sha in (select sha from changes where repo = $repo and path = $trace)
    from changes join commits using (repo, sha)
    where repo = $repo and path in (select unnest($paths::varchar[])) and changes.status != 'deleted'
    order by commits.rowid
"""
_SAID = "select evidence, lines from evidence where repo = ? and source = ? order by evidence"


def ingest(con: duckdb.DuckDBPyConnection, mirror: Mirror) -> evidence.Part:
    """Put what the trace file at the head says in place of what it said before."""
    said, left = _read(mirror)
    paths = sorted({claim.path for claim in said})
    asked = {"repo": mirror.name, "paths": paths, "trace": agent_trace.FILE}
    touches = [Touch(*row) for row in con.execute(_TOUCHES, asked).fetchall()]
    rows, unplaced = agent_trace.rows(mirror.name, said, touches)
    before = con.execute(_SAID, [mirror.name, agent_trace.SOURCE]).fetchall()
    evidence.write(con, rows, repo=mirror.name, source=agent_trace.SOURCE)
    after = con.execute(_SAID, [mirror.name, agent_trace.SOURCE]).fetchall()
    doubts.keep(con, mirror.name, agent_trace.FILE, _sentences(left + unplaced))
    refused = len({line for line, reason in left if reason in agent_trace.REFUSALS})
    return evidence.Part(len(rows), refused, is_changed=before != after)


def _read(mirror: Mirror) -> tuple[list[Claim], list[Doubt]]:
    blob = mirror.blob_id(agent_trace.FILE)
    if not blob:
        return [], []
    for _, content in blobs.contents(mirror.git, [blob.encode("ascii")], most=agent_trace.LARGEST):
        return agent_trace.claims(content)
    return [], [Doubt(0, agent_trace.ABSENT)]


def _sentences(left: Sequence[Doubt]) -> list[tuple[str, str]]:
    by_reason: dict[str, list[int]] = {}
    for line, reason in left:
        by_reason.setdefault(reason, []).append(line)
    return [
        (
            "rejected" if reason in agent_trace.REFUSALS else "warning",
            doubts.sentence(len(lines), "record", reason, f"line {min(lines)}"),
        )
        for reason, lines in sorted(by_reason.items())
    ]
