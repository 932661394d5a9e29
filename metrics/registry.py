"""Every metric, in the order of the pages. Add one: a module in its family and a line here."""

from metrics.adoption.ai_change_share import AI_CHANGE_SHARE
from metrics.adoption.seat_use import SEAT_USE
from metrics.adoption.weekly_active import WEEKLY_ACTIVE
from metrics.metric import Metric
from metrics.quality.change_fail_rate import CHANGE_FAIL_RATE
from metrics.quality.incident_rate import INCIDENT_RATE
from metrics.quality.recovery_time import RECOVERY_TIME
from metrics.quality.revert_rate import REVERT_RATE

ADOPTION: tuple[Metric, ...] = (WEEKLY_ACTIVE, AI_CHANGE_SHARE, SEAT_USE)
QUALITY: tuple[Metric, ...] = (INCIDENT_RATE, REVERT_RATE, CHANGE_FAIL_RATE, RECOVERY_TIME)
METRICS: tuple[Metric, ...] = ADOPTION + QUALITY
BY_KEY: dict[str, Metric] = {metric.key: metric for metric in METRICS}
