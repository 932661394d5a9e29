"""Quota, unlanded: people whose use nothing comes of."""

from metrics.metric import Metric

QUOTA_UNLANDED = Metric(
    key="quota_unlanded",
    title="Active, and no line landed",
    phrase="the share of people active of whom no line lands",
    definition="Share of those on the roster who land lines in these repositories who used a tool in the week and landed none in "
    "it or the next. Beside weekly_active it says how much of that is met for its own sake, or waits to be merged.",
    ledger="adoption",
    unit="person-week",
    numerator="1 if the person used a tool, and no commit of theirs that adds a line landed in the week or the one after",
    denominator="1 for everybody on the roster of whom a line had ever landed by the end of the week after",
    stratum="level",
    better="neither",
    shown_as="share",
    sources=("people", "usage_days", "git"),
    settlement="A week counts when the usage logs cover all of it and every repository's history reaches to the end of the "
    "week after. A week in which fewer people of a team than may be shown are asked is shown with other teams, or not at all.",
    limits="Too high as a sign of gaming: reviews, designs, longer work, and work in repositories that are not "
    "measured land nothing here. A squash has one author, so whoever else wrote on its branch seems to have landed "
    "nothing. Too low in that one added line is enough.",
    follow_up_days=7,
    is_repeated=True,
    minimum_units=5,
    paired_quality="incident_rate",
    sql="""
select
    week, '*' as repo, team, '*' as cohort, level as stratum,
    person || ' ' || week as unit,
    cast(is_unlanded as double) as numerator,
    cast(1 as double) as denominator
from unlanded_weeks
join horizon on horizon.source = 'usage_days' and horizon.repo = '*'
where week >= $since and week < $until
  and week >= data_from and week + interval 7 days <= data_through
  -- A repository that was not read so far may hold what landed.
  and week + interval 14 days <= (select min(git.data_through) from horizon as git where git.source = 'git')
""",
)
