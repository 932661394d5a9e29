"""The two ledgers side by side: what diverges and since when, or which pair of metrics says most. Nothing is netted."""

from dataclasses import dataclass, replace
from datetime import date

from dashboard.bands import Band
from dashboard.facts import Facts
from dashboard.summary import Headline, View, headline
from metrics import divergence, measure
from metrics.divergence import PAIRS, SUCCESSIVE, Look, Movement, Pair, Verdict
from metrics.episodes import Episode
from metrics.measure import WEEK, Window
from metrics.metric import Metric
from metrics.registry import BY_KEY, QUALITY

REMEMBERED = 52  # weeks for which an episode that is over is told, as long as its harm is there
_ORDER: dict[Verdict, int] = {"worse": 0, "rising": 1, "steady": 2, "not enough data": 3}


@dataclass(frozen=True)
class Alarm:
    """An episode as a view sees it: both metrics in the view's weeks, against the weeks before it began."""

    episode: Episode
    is_over: bool
    used: Movement
    broke: Movement
    unharmed: tuple[str, ...]  # teams that mark more changes AI as well, and clearly lack that harm


@dataclass(frozen=True)
class Sides:
    """A pair of metrics over the same weeks, and what that says."""

    verdict: Verdict
    adoption: Headline
    quality: Headline
    most: str | None = None  # the team that contributes most to a worsening
    instead_of: Metric | None = None  # the paired quality, where it has no data and another stands in its place
    compared: int = 1  # pairs that were compared to find this one
    alarm: Alarm | None = None
    going_on: tuple[Episode, ...] = ()  # in the organisation as a whole, other than the alarm
    looked: int | None = None  # pairs with enough data for the newest look; under a filter nobody looks
    in_a_row: int = 0  # successive looks, up to the newest, at which this pair diverges


def sides(facts: Facts, view: View) -> Sides:
    """What diverges, where anything does; else the pair that says most, or the first that can be compared at all."""
    is_whole = view.selection.repos == view.selection.teams == ()
    going_on = [each for each in fired(facts, view) if not is_over(facts, view, each)]
    alarm = _alarm(facts, view, going_on) if is_whole else None
    if alarm is not None:
        others = tuple(each for each in going_on if each is not alarm.episode)
        said = _pair(facts, alarm.episode.pair.adoption, view)
        return replace(said, verdict="diverged" if alarm.is_over else "diverging", alarm=alarm, going_on=others)
    # Usage logs know no repository: under a filter on one they would be laid beside what they are not about.
    fitting = [pair for pair in PAIRS if not (pair.adoption.is_of_people and view.selection.repos)]
    every = [_pair(facts, pair.adoption, view) for pair in fitting]
    said = min(every, key=_told_last)
    said = replace(said, compared=sum(one.verdict != "not enough data" for one in every), going_on=tuple(going_on))
    if not is_whole:
        return said
    newest = {pair: latest_looks(facts, pair, view) for pair in PAIRS}
    looked = sum(bool(looks) and looks[-1].is_enough for looks in newest.values())
    mine = newest[next(pair for pair in PAIRS if pair.adoption is said.adoption.metric)]
    return replace(said, looked=looked, in_a_row=in_a_row(mine))


def _told_last(one: Sides) -> tuple[int, bool, bool, bool]:
    """How little a pair says: least where quality worsened, and there where adoption rose as well."""
    used = one.adoption.movement
    is_rising = used is not None and used.is_rising
    return _ORDER[one.verdict], not is_rising, one.adoption.window is None, one.quality.window is None


def latest_looks(facts: Facts, pair: Pair, view: View) -> list[Look]:
    """The newest looks at a pair: as many as raise the alarm, or as there are."""
    last = _last(facts, pair, view)
    if last is None:
        return []
    used, broke = (facts.rows(metric) for metric in pair)
    weeks = divergence.weeks_to_look(used, broke, last)[-SUCCESSIVE:]
    return divergence.looks(pair, used, broke, weeks, facts.minimum_group) if weeks else []


def in_a_row(looks: list[Look]) -> int:
    """At how many looks up to the newest a pair diverges."""
    return next((number for number, look in enumerate(reversed(looks)) if not look.is_diverging), len(looks))


def fired(facts: Facts, view: View) -> list[Episode]:
    """The episodes that had fired by the view's last week, as they fired; without those that the data no longer say."""
    lasts = {pair: _last(facts, pair, view) for pair in PAIRS}
    return [
        each for each in facts.episodes if each.revised_at is None and (last := lasts[each.pair]) and each.fired <= last
    ]


def is_over(facts: Facts, view: View, episode: Episode) -> bool:
    """Whether an episode was over by the view's last week."""
    last = _last(facts, episode.pair, view)
    return last is not None and episode.closed is not None and episode.closed <= last


def bands(facts: Facts, view: View, adoption: Metric, quality: Metric) -> list[Band]:
    """The episodes that a chart of both metrics marks; under a filter none, for they are about the whole."""
    if view.selection.repos or view.selection.teams:
        return []
    return [
        Band(each.first, each.last if (over := is_over(facts, view, each)) else last, over)
        for each in fired(facts, view)
        if each.pair == (adoption, quality) and (last := _last(facts, each.pair, view))
    ]


def _last(facts: Facts, pair: Pair, view: View) -> date | None:
    """The week of the newest look at a pair that the view reaches."""
    last = divergence.last_look(pair, facts.horizon)
    return last if last is None or view.until is None else min(last, view.until)


def _alarm(facts: Facts, view: View, going_on: list[Episode]) -> Alarm | None:
    """The newest episode that goes on; else the newest that is over, is of the last year, and has left its harm behind."""
    if going_on:
        return _seen(facts, view, max(going_on, key=_newest))
    for episode in sorted(fired(facts, view), key=_newest, reverse=True):
        last = _last(facts, episode.pair, view)
        if last is not None and last - episode.last <= WEEK * REMEMBERED:
            alarm = _seen(facts, view, episode)
            if alarm is not None and alarm.broke.is_worse:
                return alarm
    return None


def _newest(episode: Episode) -> tuple[date, int]:
    """Later ones are newer, and of those that fired in one week the first of our pairs."""
    return episode.fired, -PAIRS.index(episode.pair)


def _seen(facts: Facts, view: View, episode: Episode) -> Alarm | None:
    """An episode as the view sees it; None where the view has no window."""
    shown = _pair(facts, episode.pair.adoption, view)
    used, broke = (_against(facts, each, episode.before) for each in (shown.adoption, shown.quality))
    if used.window is None or used.movement is None or broke.movement is None:
        return None
    marked = headline(facts, BY_KEY["ai_change_share"], view, used.window.until - WEEK)
    by_change = _against(facts, marked, episode.before)
    most = divergence.contributes_most(broke.teams) if len(broke.teams) > 1 else None
    unharmed = divergence.unharmed(by_change.teams, broke.teams, most)
    return Alarm(episode, is_over(facts, view, episode), used.movement, broke.movement, tuple(unharmed))


def _against(facts: Facts, shown: Headline, before: Window) -> Headline:
    """The headline with other weeks before its own."""
    if shown.window is None:
        return shown
    then = measure.within(facts.people(shown.metric) if shown.metric.is_repeated else shown.cells, before)
    if shown.metric.is_repeated and then["person"].nunique() < facts.minimum_group:
        then = then[:0]
    return replace(shown, then=then)


def _pair(facts: Facts, adoption: Metric, view: View) -> Sides:
    # Where the paired quality has no data, any other keeps the ledgers together.
    paired = headline(facts, BY_KEY[str(adoption.paired_quality)], view)
    quality = (
        paired if paired.window else next((h for h in (headline(facts, m, view) for m in QUALITY) if h.window), paired)
    )
    # The same weeks for both, or the two would be about different times.
    last = quality.window.until - WEEK if quality.window else None
    used = headline(facts, adoption, view, last)
    if used.window and quality.window and used.window != quality.window:
        quality = headline(facts, quality.metric, view, used.window.until - WEEK)
    if used.window is None or used.movement is None or quality.movement is None:
        return Sides("not enough data", used, quality)
    said = divergence.verdict(used.movement, quality.movement)
    # Where there is one group only, it is the whole.
    most = divergence.contributes_most(quality.teams) if said == "worse" and len(quality.teams) > 1 else None
    instead_of = paired.metric if quality.metric != paired.metric else None
    return Sides(said, used, quality, most, instead_of)
