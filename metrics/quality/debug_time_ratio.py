"""Debug time: of the minutes that people log, how many go into finding out what is wrong and putting it right."""

from metrics.metric import Metric

DEBUG_TIME_RATIO = Metric(
    key="debug_time_ratio",
    title="Logged time spent debugging and responding",
    phrase="the share of logged time spent debugging",
    definition="Share of logged minutes that went into debugging or responding to incidents, of all minutes logged on work "
    "items that commits name and on incidents that are laid to changes. Minutes that lead to no change are in neither, and "
    "the coverage page tells their share.",
    ledger="quality",
    unit="traced work item",
    numerator="its minutes of debugging and responding, up to 30 days after it began",
    denominator="all its minutes until then",
    stratum="work item or incident",
    better="lower",
    shown_as="share",
    sources=("git", "incidents", "work_logs"),
    settlement="A work item begins when the first change that names it lands, an incident when it starts; it counts when the "
    "work logs reach 30 days beyond that. A work item is AI-marked when any commit that names it is, an incident when a "
    "change that caused it is. Effort that an incident gives as one sum and the hours logged on it are the same minutes, "
    "and the larger counts.",
    limits="Too low where debugging is logged as building; too high where incidents are logged with care and ordinary "
    "work is not. What nobody logs is in neither. The more commits name a ticket the sooner one of them is AI-marked, "
    "so long tickets fall to that cohort.",
    follow_up_days=30,
    has_private_units=True,
    sql="""
select
    week, traced_work.repo, team, cohort, kind as stratum, item as unit,
    cast(debug_minutes as double) as numerator,
    cast(debug_minutes + other_minutes as double) as denominator
from traced_work
join horizon on horizon.repo = '*' and horizon.source = 'work_logs'
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown')
  and debug_minutes + other_minutes > 0
  and began_at >= data_from and began_at + interval 30 days <= data_through
""",
)
