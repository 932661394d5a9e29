"""How often the alarm over two ledgers is false, and from how many changes a week on it finds what is planted."""

from collections.abc import Iterator

from metrics.simulated_divergence import (
    Detection,
    Discoveries,
    Kind,
    Null,
    Shape,
    Share,
    detection,
    discoveries,
    false_alarms,
)
from tests.bench.table import Options, Row, Table

SEED = 20261130  # fixed before the first look
KINDS: tuple[Kind, ...] = ("gemini-cli", "curl and redis", "incidents")
NULLS: tuple[Null, ...] = ("quality flat", "adoption flat", "both flat")
SHAPES: tuple[Shape, ...] = ("step", "ramp")
# The least number of changes a week, of those tried, at which nine of ten are found.
ENOUGH: dict[Kind, dict[float, int]] = {
    "gemini-cli": {1.5: 500, 2: 175, 3: 100},
    "curl and redis": {1.5: 1500, 2: 500, 3: 300},
    "incidents": {1.5: 1200, 2: 350, 3: 125},
}


def rows(_: Options) -> Iterator[Row]:
    """A row for each setting; none is left out."""
    yield from _steady()
    yield from _wandering()
    yield from _planted()
    yield from _over_all_pairs()


def _steady() -> Iterator[Row]:
    for kind in KINDS:
        for changes in (25, 100, 400):
            yield _false("steady rates", kind, changes, false_alarms(SEED, 500, changes, kind=kind))
        for null in NULLS[1:]:
            found = false_alarms(SEED, 500, 100, kind=kind, null=null)
            yield _false(f"steady rates, {null}", kind, 100, found)
    found = false_alarms(SEED, 500, 100, has_seasons=True, wander=0.1)
    yield _false("seasons, wanders by 0.1, half stays", "gemini-cli", 100, found)


def _wandering() -> Iterator[Row]:
    for wander in (0.1, 0.2):
        for stays in (0.5, 0.8, 0.9):
            for changes in (100, 400, 1000):
                found = false_alarms(SEED, 400, changes, wander=wander, stays=stays)
                yield _false(f"wanders by {wander}, {stays} stays", "gemini-cli", changes, found)
    for past in (12, 26, 52):
        found = false_alarms(SEED, 400, 1000, wander=0.2, past=past)
        yield _false(f"wanders by 0.2, 0.5 stays, {past} weeks before", "gemini-cli", 1000, found)
    found = false_alarms(SEED, 400, 1000, wander=0.2, kind="incidents")
    yield _false("wanders by 0.2, 0.5 stays", "incidents", 1000, found)
    found = false_alarms(SEED, 400, 1000, wander=0.2, null="adoption flat")
    yield _false("wanders by 0.2, 0.5 stays, adoption flat", "gemini-cli", 1000, found)


def _planted() -> Iterator[Row]:
    for kind, enough in ENOUGH.items():
        for effect, changes in enough.items():
            for shape in SHAPES:
                found = detection(SEED, 300, changes, effect=effect, shape=shape, kind=kind)
                yield _found(f"{effect:g} times, {shape}", kind, changes, found)
    changes = ENOUGH["gemini-cli"][1.5]
    for past in (12, 26, 52):
        found = detection(SEED, 300, changes, past=past)
        yield _found(f"1.5 times, step, {past} weeks before", "gemini-cli", changes, found)
    for wander, changes in ((0.1, 1000), (0.2, 1000), (0.2, 400)):
        effect = 1.5 if changes == 1000 else 2.0
        found = detection(SEED, 300, changes, effect=effect, wander=wander)
        yield _found(f"{effect:g} times, step, wanders by {wander}", "gemini-cli", changes, found)


def _over_all_pairs() -> Iterator[Row]:
    none = discoveries(SEED, 2000, 100, diverging=())
    yield _false("all seven pairs, half a year, none diverges", "both", 100, none.any_false)
    for diverging in (("churn",), ("churn", "incident_rate", "survival")):
        some = discoveries(SEED, 400, 350, diverging=diverging, effect=2)
        yield _discovered(f"all seven pairs, {', '.join(diverging)} diverge", 350, some)


def _false(what: str, kind: str, changes: int, found: Share) -> Row:
    return (f"false: {what}", kind, changes, *_share(found), "")


def _found(what: str, kind: str, changes: int, found: Detection) -> Row:
    return (f"found: {what}", kind, changes, *_share(found.found), f"{found.week:.0f}")


def _discovered(what: str, changes: int, found: Discoveries) -> Row:
    return (f"false among the alarms: {what}", "both", changes, *_share(Share(found.false, found.fired)), "")


def _share(found: Share) -> tuple[str, str, str]:
    each = found.estimate
    return f"{found.hits:,} of {found.of:,}", f"{each.value:.1%}", f"{100 * each.low:.1f} to {each.high:.1%}"


TABLE = Table(
    key="divergence",
    about=f"The alarm, simulated (seed {SEED}): years of a pair in which it fires though nothing diverges (adoption rises for "
    "certain at every look, where it does not say that adoption is flat), and planted effects that it finds, with the week of "
    "the effect in which it does in the middle draw; 104 weeks before the first window, where it does not say otherwise.",
    columns=("what", "changes as in", "a week", "draws", "share", "95 %", "week"),
    rows=rows,
)
