"""How values of each kind are shown: what they are multiplied by, and the unit that stands beside them."""

from dataclasses import dataclass

from metrics.metric import Metric


@dataclass(frozen=True)
class Scale:
    """A value times `factor` is what an axis shows; the title of the metric says what is not said here."""

    factor: float
    axis: str = ""
    prefix: str = ""
    suffix: str = ""


_SCALES = {
    "share": Scale(100, "%", suffix=" %"),
    "percentile": Scale(100, "percentile"),
    "per_100": Scale(100),
    "per_1000": Scale(1_000),
    "per_10000": Scale(10_000),
    "count": Scale(1),
    "minutes": Scale(1, "minutes"),
    "dollars": Scale(1, "US dollars", prefix="$"),
}


def scale(metric: Metric) -> Scale:
    """The scale of a metric."""
    return _SCALES[metric.shown_as]
