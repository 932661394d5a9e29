"""The first sentence of a page and its small print: the alarm where there is one, else what moved; never one ledger alone."""

from collections.abc import Iterator, Sequence

from dashboard import wording
from dashboard.sides import Alarm, Sides
from metrics.divergence import SUCCESSIVE, Movement
from metrics.episodes import Episode, Told
from metrics.measure import WEEK
from metrics.metric import Metric
from metrics.trend import WEEKS
from metrics.wander import LEAST


def tone(sides: Sides) -> str:
    """Whether the first sentence is an alarm: a single look never is, and what is over is told calmly."""
    return "alarm" if sides.verdict == "diverging" else "calm"


def texts(sides: Sides, known: int, changes: int) -> tuple[str, str]:
    """The sentence and its small print; `known` of the changes of these weeks have a record of who wrote them."""
    unseen = f"{wording.share(changes - known, changes)} of landed changes have no record of who wrote them."
    if sides.alarm is not None:
        return sentence(sides.alarm), " ".join([*_alarm(sides, sides.alarm), unseen])
    used, broke = sides.adoption.movement, sides.quality.movement
    if used is None or broke is None or sides.verdict == "not enough data":
        missing = dict.fromkeys((*sides.adoption.missing, *sides.quality.missing))
        said = wording.not_enough(sides.adoption.metric, sides.quality.metric, list(missing))
        return said, " ".join([*_going_on(sides), *([unseen] if changes else [])])
    return wording.verdict(sides.verdict, used, broke), " ".join([*_moved(sides, used, broke), unseen])


def sentence(alarm: Alarm) -> str:
    """Since when the ledgers diverge, or that they did and the harm is still there, and what became of both."""
    episode = alarm.episode
    since = f"Diverging since {wording.week_name(episode.first)}"
    if alarm.is_over:
        since = (
            f"Diverged from {wording.week_name(episode.first)} to {wording.week_name(episode.last)}, and not come back"
        )
    if not (_went_that_way(alarm.used, episode.used) and _went_that_way(alarm.broke, episode.broke)):
        used, broke = _rose(episode.pair.adoption, episode.used), _rose(episode.pair.quality, episode.broke)
        return f"{since}: over {WEEKS} weeks {used} while {broke}."
    # That both moved is known from their trends, whatever the interval of two levels alone would say.
    used, broke = (
        f"{each.metric.phrase} {wording.was_to(each).removesuffix(', within noise')}"
        for each in (alarm.used, alarm.broke)
    )
    return f"{since}: {used} while {broke}."


def _went_that_way(movement: Movement, told: Told) -> bool:
    """Whether the level is on the side of what it was before that the trend went to."""
    change = movement.change
    return change is not None and change.value * told.rise.value > 0


def fired(episode: Episode) -> str:
    """What the alarm rested on when it fired."""
    used, broke = _trend(episode.pair.adoption, episode.used), _trend(episode.pair.quality, episode.broke)
    when = f"The alarm fired in {wording.week_name(episode.fired)}: over {WEEKS} weeks {used} and {broke}"
    return f"{when}, both beyond noise at {SUCCESSIVE} looks in a row."


def contributors(episode: Episode) -> str:
    """The repositories that contribute most to the worsening."""
    if not episode.contributors:
        return "No one repository's own trend was beyond noise."
    names = [f"{repo} ({wording.share(part, 1)} of it)" for repo, part in episode.contributors]
    if sum(part for _, part in episode.contributors) < 0.5:
        return f"By trends of their own: {wording.listed(names)}; most of it came of repositories with other rates growing."
    return f"{wording.listed(names)} {'contributes' if len(names) == 1 else 'contribute'} most."


def pair(episode: Episode) -> str:
    """Both metrics, and since when."""
    return f"{episode.pair.adoption.phrase} and {episode.pair.quality.phrase}, since {wording.week_name(episode.first)}"


def log(episode: Episode) -> str:
    """An episode as a line in the log of the run that found it."""
    return f"ALARM: {pair(episode)}. {fired(episode)} {contributors(episode)}"


def _alarm(sides: Sides, alarm: Alarm) -> Iterator[str]:
    window, before = sides.quality.window, alarm.episode.before
    assert window is not None  # noqa: S101 - an alarm is seen through one
    against = f"the {before.weeks} to {wording.week_name(before.until - WEEK)}, before it began"
    yield f"In {wording.weeks(window)} against {against} {_sample(alarm.used, alarm.broke)}."
    yield fired(alarm.episode)
    yield contributors(alarm.episode)
    yield from _unharmed(alarm.unharmed)
    yield from _going_on(sides)


def _moved(sides: Sides, used: Movement, broke: Movement) -> Iterator[str]:
    window = sides.quality.window
    assert window is not None  # noqa: S101 - a movement has a window
    beyond = [side.change is not None and side.change.excludes_zero for side in (used, broke)]
    noise = "Both beyond noise, in" if all(beyond) else "In" if any(beyond) else "Neither beyond noise, in"
    yield f"{noise} {wording.weeks(window)} against the {window.weeks} before {_sample(used, broke)}."
    if sides.most:
        yield f"{wording.capital(sides.most)} contributes most."
    if sides.instead_of:
        yield f"Shown instead of {sides.instead_of.title.lower()}, which has no data."
    elif sides.compared > 1:
        yield f"The most telling of {sides.compared} pairs."
    yield from _looks(sides)
    yield from _going_on(sides)


def _looks(sides: Sides) -> Iterator[str]:
    """How far it is from an alarm."""
    if sides.looked is None:
        yield "The alarm is about the whole organisation."
    elif sides.in_a_row:
        looks = "1 weekly look" if sides.in_a_row == 1 else f"{sides.in_a_row} weekly looks in a row"
        yield f"Their trends were both beyond noise at {looks}; {SUCCESSIVE} raise the alarm."
    elif sides.looked:
        yield f"No alarm: of {wording.counted(sides.looked, 'pair')} with enough data none diverges."
    else:
        before = f"and {LEAST} weeks of quality before them"
        yield f"No pair has enough data yet for the alarm, which asks for trends over {WEEKS} weeks {before}."


def _going_on(sides: Sides) -> Iterator[str]:
    if sides.going_on:
        which = "; ".join(pair(each) for each in sides.going_on)
        yield f"{'Also diverging' if sides.alarm else 'The organisation as a whole diverges'}: {which}."


def _unharmed(teams: Sequence[str]) -> Iterator[str]:
    if teams:
        yield f"{wording.capital(wording.listed(list(teams)))} marked more changes AI as well, clearly without that harm."


def _sample(used: Movement, broke: Movement) -> str:
    return f"({', '.join(dict.fromkeys((wording.sample(used), wording.sample(broke))))})"


def _rose(metric: Metric, told: Told) -> str:
    """How far a trend went over its weeks."""
    went = "rose" if told.rise.value > 0 else "fell"
    return f"{metric.phrase} {went} by {wording.size(metric, told.rise.value, told.n / told.d)}"


def _trend(metric: Metric, told: Told) -> str:
    """The same with its interval, and what was counted."""
    ends = sorted((told.rise.low, told.rise.high), key=abs)
    low, high = (wording.size(metric, each, told.n / told.d).partition(" point")[0] for each in ends)
    sample = wording.counted(told.units, "person" if metric.is_repeated else metric.unit)
    return f"{_rose(metric, told)} ({low} to {high}; {sample})"
