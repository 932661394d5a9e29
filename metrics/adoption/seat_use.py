"""Seat use: paid seats that somebody used in the week."""

from metrics.metric import Metric

SEAT_USE = Metric(
    key="seat_use",
    title="Seats used in the week",
    phrase="the share of seats in use",
    definition="Share of assigned seats whose holder used that tool in the week, over the tools that tell who used them.",
    ledger="adoption",
    unit="seat-week",
    numerator="1 if the holder used the tool",
    denominator="1 for every assigned seat",
    stratum="tool",
    better="neither",
    shown_as="share",
    sources=("people", "seats", "usage_days"),
    settlement="A week counts when the usage logs cover all of it. The roster tells which names in both logs are one person. A "
    "week in which fewer people of a team than may be shown hold seats is shown with other teams, or not at all.",
    limits="One use counts as much as daily work, and says nothing of whether a seat is worth its price. Too low in "
    "weeks of leave, where seat list and usage log know a person by different names, and where a tool tells only the "
    "date of last use: the next snapshot overwrites the dates between.",
    follow_up_days=0,
    is_repeated=True,
    minimum_units=5,
    paired_quality="refactor_ratio",
    sql="""
select
    week, '*' as repo, team, '*' as cohort, tool as stratum,
    person || ' ' || tool || ' ' || week as unit,
    cast(is_used as double) as numerator,
    cast(1 as double) as denominator
from seat_weeks
join horizon on horizon.source = 'usage_days' and horizon.repo = '*'
where week >= $since and week < $until
  and week >= data_from and week + interval 7 days <= data_through
""",
)
