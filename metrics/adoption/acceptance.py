"""Acceptance: how many of a tool's suggestions people take."""

from metrics.metric import Metric

ACCEPTANCE = Metric(
    key="acceptance",
    title="Suggestions accepted",
    phrase="the share of suggestions accepted",
    definition="Share of suggestions that people accepted among those they accepted or rejected, over the tools that tell "
    "both. What a tool accepted by itself has a column of its own (auto_accepted) and is in neither.",
    ledger="adoption",
    unit="person-day-tool",
    numerator="suggestions the person accepted from the tool on the day",
    denominator="suggestions the person accepted or rejected",
    stratum="tool",
    better="neither",
    shown_as="share",
    sources=("people", "usage_days"),
    settlement="A day counts when the usage logs cover its whole week. A week in which fewer people of a team than may be "
    "shown decided anything is shown with other teams, or not at all.",
    limits="Accepted is not kept: what is deleted a minute later counts, so as a measure of use it is too high. Tools "
    "differ in whether a suggestion that is ignored counts as rejected, so they do not compare, and the total follows "
    "the tool that suggests most.",
    follow_up_days=0,
    is_repeated=True,
    minimum_units=5,
    paired_quality="fix_inducing_rate",
    sql="""
select
    week, '*' as repo, team, '*' as cohort, tool as stratum,
    person || ' ' || day || ' ' || tool as unit,
    cast(accepted as double) as numerator,
    cast(accepted + rejected as double) as denominator
from decided_days
join horizon on horizon.source = 'usage_days' and horizon.repo = '*'
where week >= $since and week < $until
  -- Tools that tell only one side are not there.
  and week >= data_from and week + interval 7 days <= data_through
""",
)
