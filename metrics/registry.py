"""Every metric, in the order of the pages. Add one: a module in its family and a line here, below its heading."""

from metrics.adoption.acceptance import ACCEPTANCE
from metrics.adoption.ai_change_share import AI_CHANGE_SHARE
from metrics.adoption.ai_line_share import AI_LINE_SHARE
from metrics.adoption.quota_just_over import QUOTA_JUST_OVER
from metrics.adoption.quota_last_day import QUOTA_LAST_DAY
from metrics.adoption.quota_unlanded import QUOTA_UNLANDED
from metrics.adoption.retention import RETENTION
from metrics.adoption.seat_use import SEAT_USE
from metrics.adoption.spend import SPEND
from metrics.adoption.target_distance import TARGET_DISTANCE
from metrics.adoption.weekly_active import WEEKLY_ACTIVE
from metrics.metric import Metric
from metrics.quality.blast_areas import BLAST_AREAS
from metrics.quality.blast_dependents import BLAST_DEPENDENTS
from metrics.quality.blast_directories import BLAST_DIRECTORIES
from metrics.quality.blast_files import BLAST_FILES
from metrics.quality.blast_incident_services import BLAST_INCIDENT_SERVICES
from metrics.quality.blast_minutes import BLAST_MINUTES
from metrics.quality.blast_neighbours import BLAST_NEIGHBOURS
from metrics.quality.blast_services import BLAST_SERVICES
from metrics.quality.blast_users import BLAST_USERS
from metrics.quality.change_fail_rate import CHANGE_FAIL_RATE
from metrics.quality.churn import CHURN
from metrics.quality.churn_30 import CHURN_30
from metrics.quality.churn_90 import CHURN_90
from metrics.quality.copied_within import COPIED_WITHIN
from metrics.quality.copy_paste import COPY_PASTE
from metrics.quality.debug_time_ratio import DEBUG_TIME_RATIO
from metrics.quality.deploy_error_rate import DEPLOY_ERROR_RATE
from metrics.quality.deployment_rework import DEPLOYMENT_REWORK
from metrics.quality.duplication import DUPLICATION
from metrics.quality.findings_correctness import FINDINGS_CORRECTNESS
from metrics.quality.findings_maintainability import FINDINGS_MAINTAINABILITY
from metrics.quality.findings_per_kloc import FINDINGS_PER_KLOC
from metrics.quality.findings_performance import FINDINGS_PERFORMANCE
from metrics.quality.findings_security import FINDINGS_SECURITY
from metrics.quality.fix_effort import FIX_EFFORT
from metrics.quality.fix_inducing_rate import FIX_INDUCING_RATE
from metrics.quality.incident_exposure import INCIDENT_EXPOSURE
from metrics.quality.incident_rate import INCIDENT_RATE
from metrics.quality.incident_rate_90 import INCIDENT_RATE_90
from metrics.quality.incident_severity import INCIDENT_SEVERITY
from metrics.quality.legacy_care import LEGACY_CARE
from metrics.quality.recovery_time import RECOVERY_TIME
from metrics.quality.refactor_ratio import REFACTOR_RATIO
from metrics.quality.revert_rate import REVERT_RATE
from metrics.quality.survival import SURVIVAL

GAMING = "Is a target being gamed?"
ADOPTION_BY_HEADING: dict[str, tuple[Metric, ...]] = {
    "Use": (WEEKLY_ACTIVE, ACCEPTANCE, RETENTION),
    "Landed": (AI_LINE_SHARE, AI_CHANGE_SHARE),
    "Money and seats": (SEAT_USE, SPEND),
    GAMING: (TARGET_DISTANCE, QUOTA_JUST_OVER, QUOTA_LAST_DAY, QUOTA_UNLANDED),
}
ADOPTION: tuple[Metric, ...] = tuple(metric for group in ADOPTION_BY_HEADING.values() for metric in group)
QUALITY_BY_HEADING: dict[str, tuple[Metric, ...]] = {
    "Lines that last": (CHURN, CHURN_30, CHURN_90, SURVIVAL),
    "Moved, copied, cared for": (REFACTOR_RATIO, COPY_PASTE, COPIED_WITHIN, DUPLICATION, LEGACY_CARE),
    "Incidents": (INCIDENT_RATE, INCIDENT_RATE_90, INCIDENT_SEVERITY, INCIDENT_EXPOSURE, DEBUG_TIME_RATIO),
    "Reverts and fixes": (REVERT_RATE, FIX_INDUCING_RATE, FIX_EFFORT),
    "Deployments": (CHANGE_FAIL_RATE, RECOVERY_TIME, DEPLOYMENT_REWORK, DEPLOY_ERROR_RATE),
    "Blast radius": (
        BLAST_FILES,
        BLAST_DIRECTORIES,
        BLAST_AREAS,
        BLAST_SERVICES,
        BLAST_DEPENDENTS,
        BLAST_NEIGHBOURS,
        BLAST_USERS,
        BLAST_MINUTES,
        BLAST_INCIDENT_SERVICES,
    ),
    "Findings": (
        FINDINGS_PER_KLOC,
        FINDINGS_SECURITY,
        FINDINGS_PERFORMANCE,
        FINDINGS_CORRECTNESS,
        FINDINGS_MAINTAINABILITY,
    ),
}
QUALITY: tuple[Metric, ...] = tuple(metric for group in QUALITY_BY_HEADING.values() for metric in group)
METRICS: tuple[Metric, ...] = ADOPTION + QUALITY
BY_KEY: dict[str, Metric] = {metric.key: metric for metric in METRICS}


def partner(metric: Metric) -> Metric:
    """The metric of the other ledger that this one is never told without.

    That of an adoption metric is its paired quality; that of a quality metric the first that is paired with it, else the share
    of changes.
    """
    if metric.paired_quality:
        return BY_KEY[metric.paired_quality]
    return next((each for each in ADOPTION if each.paired_quality == metric.key), AI_CHANGE_SHARE)
