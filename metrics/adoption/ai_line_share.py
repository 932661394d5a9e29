"""AI line share: who wrote the lines that landed, as far as anything says so."""

from metrics.metric import Metric

AI_LINE_SHARE = Metric(
    key="ai_line_share",
    title="Landed lines marked AI",
    phrase="the share of landed lines marked AI",
    definition="Share of landed code lines, of source and tests, by who wrote them: marked AI, attested human, or unknown; the "
    "one number is what is marked AI, a lower bound. A line is of the cohort of its commit, and unmarked is unknown.",
    ledger="adoption",
    unit="landed change",
    numerator="its landed code lines of the cohort",
    denominator="its landed code lines, in a row for every cohort",
    stratum="size",
    better="neither",
    shown_as="share",
    sources=("git",),
    settlement="A change counts when it has landed in a week that is over. Lines by bots, lines from before AI tools, lines a "
    "revert brought back, bulk and formatting commits stay out.",
    limits="Too low: marks find half of AI-written commits or fewer, and which half depends on the tool. Too high "
    "where a marked commit holds a person's lines too, or where a squash has a trailer and its branch is gone: in "
    "RooCodeInc/Roo-Code the commits behind such trailers had written 46 % of what the squashes landed. A few very "
    "large changes carry the weeks in which they land.",
    follow_up_days=0,
    paired_quality="churn",
    speaks_of="ai",
    sql="""
select
    week, repo, team, cohorts.cohort, size_band as stratum, landed_sha as unit,
    cast(
        case cohorts.cohort when 'ai' then ai_lines when 'human' then human_lines else unknown_lines end as double
    ) as numerator,
    cast(ai_lines + human_lines + unknown_lines as double) as denominator
from landed_changes
join horizon using (repo)
-- Every cohort of every change, zeros too: only so do the shares add up to one.
cross join (values ('ai'), ('human'), ('unknown')) as cohorts (cohort)
where week >= $since and week < $until
  and ai_lines + human_lines + unknown_lines > 0 and not is_bulk
  and horizon.source = 'git'
  -- The rest of an unfinished week has not landed yet.
  and week + interval 7 days <= data_through
""",
)
