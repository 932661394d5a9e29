"""Every metric, in the order of the pages. Add one: a module in its family and a line here, below its heading."""

from metrics.adoption.ai_change_share import AI_CHANGE_SHARE
from metrics.adoption.ai_line_share import AI_LINE_SHARE
from metrics.adoption.seat_use import SEAT_USE
from metrics.adoption.weekly_active import WEEKLY_ACTIVE
from metrics.metric import Metric
from metrics.quality.change_fail_rate import CHANGE_FAIL_RATE
from metrics.quality.churn import CHURN
from metrics.quality.churn_30 import CHURN_30
from metrics.quality.churn_90 import CHURN_90
from metrics.quality.copied_within import COPIED_WITHIN
from metrics.quality.copy_paste import COPY_PASTE
from metrics.quality.duplication import DUPLICATION
from metrics.quality.incident_rate import INCIDENT_RATE
from metrics.quality.legacy_care import LEGACY_CARE
from metrics.quality.recovery_time import RECOVERY_TIME
from metrics.quality.refactor_ratio import REFACTOR_RATIO
from metrics.quality.revert_rate import REVERT_RATE
from metrics.quality.survival import SURVIVAL

ADOPTION: tuple[Metric, ...] = (WEEKLY_ACTIVE, AI_LINE_SHARE, AI_CHANGE_SHARE, SEAT_USE)
QUALITY_BY_HEADING: dict[str, tuple[Metric, ...]] = {
    "Lines that last": (CHURN, CHURN_30, CHURN_90, SURVIVAL),
    "Moved, copied, cared for": (REFACTOR_RATIO, COPY_PASTE, COPIED_WITHIN, DUPLICATION, LEGACY_CARE),
    "Incidents": (INCIDENT_RATE,),
    "Reverts and fixes": (REVERT_RATE,),
    "Deployments": (CHANGE_FAIL_RATE, RECOVERY_TIME),
}
QUALITY: tuple[Metric, ...] = tuple(metric for group in QUALITY_BY_HEADING.values() for metric in group)
METRICS: tuple[Metric, ...] = ADOPTION + QUALITY
BY_KEY: dict[str, Metric] = {metric.key: metric for metric in METRICS}
