"""Where events, usage and people come from. A source is one module and one line here."""

from ingest.sources import causes, deployments, findings, incidents, people, seats, usage_days, work_logs
from ingest.sources.source import Source

SOURCES: tuple[Source, ...] = (
    people.SOURCE,
    incidents.SOURCE,
    causes.SOURCE,
    deployments.SOURCE,
    work_logs.SOURCE,
    usage_days.SOURCE,
    seats.SOURCE,
    findings.SOURCE,
)
