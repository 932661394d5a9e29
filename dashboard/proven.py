"""How wrong can this be: what the last full run of the truth lab came to, as the page shows it."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

from markupsafe import Markup

from dashboard import links
from dashboard.tables import Table
from dashboard.verified import Verified, read
from metrics.kinds import Coverage
from metrics.proof import Proof, Proven
from metrics.recovered import Recovery
from metrics.registry import BY_KEY, METRICS
from metrics.stats import CONFIDENCE

_NONE = "-"
INSIDE = (0.93, 0.97)
PUBLISHED = (1, 200)  # seeds of the run that the page shows; tests and trials use others
FEWEST = 100  # draws with enough to say, for a share of them to be told
FILE = "proven.json"  # written by `make verify`
_NUMBERS = ("AI-marked, or all", "The rest", "Ratio", "Like with like")
_OF = (("ai", "all"), ("rest",), ("ratio",), ("adjusted",))
_HOW = {
    "explicit": "named in the incident",
    "revert": "reverted for it",
    "fix_lines": "lines that its fix took out",
    "none": "nowhere written down",
}
_ACCUSED = {
    "explicit": "a change that the incident or its fix names",
    "revert": "a change that was taken back to end it",
    "fix_lines": "a change whose lines were taken out to end it",
    "deployment_window": "the deployment before it",
    "any": "all together",
}
_PLANTED = {  # what is not called in words
    "lines copied_tree": "lines copied from the tree",
    "lines copied_within": "lines copied within a commit",
    "lines find_replaced": "lines found and replaced",
    "lines noop": "lines that are blank, or changed in spaces alone",
}
_APART = ("causes by", "deployments by", "accused")  # what has a table of its own


@cache
def everything() -> Verified:
    """What the last full run of the lab wrote down."""
    return read(resources.files("dashboard").joinpath(FILE).read_text("utf-8"))


def stories() -> dict[str, Proven]:
    """The stories of the lab by name."""
    return {each.story: each for each in everything().stories}


def sentence(plain: Proven) -> str:
    """What a leader should know first."""
    counted = [each for each in plain.proofs if each.exact is not None]
    exact = sum(each.exact == each.organisations for each in counted)
    told = [each for each in plain.proofs if each.p_value is not None and each.basis != "together"]
    rejected = [each.held / each.told for each in told if each.is_rejected]
    seldom = sum(share < CONFIDENCE for share in rejected)
    return (
        f"In {_organisations(plain)} made-up organisations of which everything is known, {exact} of {len(counted)} numbers came "
        f"out right to the last unit. Of {len(told)} kinds of interval {seldom} held what was planted clearly less often than in "
        f"95 of 100, and {len(rejected) - seldom} more often."
    )


def detail(plain: Proven) -> str:
    """Where that comes from."""
    first, last = plain.seeds
    chosen = " They were chosen before the first look, and none was left out." if plain.seeds == PUBLISHED else ""
    return (
        f"twinledger verify --seed {first} --size {_organisations(plain)} builds them, reads them as it reads yours, and "
        f"compares: seeds {first} to {last}.{chosen} What they cannot show: how your own tools and people leave marks."
    )


def every_metric(plain: Proven) -> Table:
    """Each metric with whether its counts were exact, and how often each kind of its intervals held the truth."""
    by_number = {(each.metric, each.of): each for each in plain.proofs}
    rows = []
    for metric in METRICS:
        own = [[by_number[metric.key, of] for of in group if (metric.key, of) in by_number] for group in _OF]
        name = links.definition(metric.key, metric.title, "definitions")
        rows.append([name, _exact(own), _error(own), *(_held(group) for group in own)])
    sub = (
        f"{_organisations(plain)} organisations, and in how many each unit is as it was planted. Error: of the middle one. Then "
        "how often the 95 % interval held what is true, of those with enough to say; * where that is too often or too seldom to "
        "be chance (at 0.1 %). In italics: the builder keeps no count of it, and true is what all came to together."
    )
    return "Every metric, held against what was planted", sub, ["<<Metric", "All right", "Error", *_NUMBERS], rows


def _exact(own: Iterable[Iterable[Proof]]) -> str:
    found = [each for group in own for each in group if each.exact is not None]
    if not found:
        return _NONE
    return f"{min(each.exact or 0 for each in found)} of {found[0].organisations}"


def _error(own: Iterable[Iterable[Proof]]) -> str:
    errors = [each.error for group in own for each in group if each.of in ("ai", "all") and each.error is not None]
    return f"{errors[0]:+.1%}".replace("%", " %") if errors else _NONE


def _held(group: Iterable[Proof]) -> str | Markup:
    told = [each for each in group if each.told]
    if not told:
        return _NONE
    [each] = told
    share = f"{each.held / each.told:.0%}".replace("%", " %") if each.told >= 20 else f"{each.held}"
    said = f"{share} of {each.told}{'*' if each.is_rejected else ''}"
    return Markup("<i>{}</i>").format(said) if each.basis == "together" else said


def causes(plain: Proven, messy: Proven) -> Table:
    """How many causes were found where histories are tidy, and where they are as real ones are."""
    tidy, real = (_by_what(story) for story in (plain, messy))
    rows = [
        [
            name,
            *(_caused(found.get(f"{what} by {how}")) for what in ("causes", "deployments") for found in (tidy, real)),
        ]
        for how, name in _HOW.items()
    ]
    heads = ["<<The cause is", "Change, tidy", "Change, messy", "Deployment, tidy", "Deployment, messy"]
    return "Causes of incidents that were found", messy.about, heads, rows


def accused(messy: Proven) -> Table:
    """What incidents are laid to that no change caused."""
    found = _by_what(messy)
    rows = [[name, _share(found.get(f"accused by {how}"))] for how, name in _ACCUSED.items()]
    rows.append(
        ["those that say themselves that no change caused them", _share(found.get("accused against their word"))]
    )
    sub = "Outages that no change caused, and nothing says so; half were waited for, the others met with a fix or a revert."
    return "Accused without cause", sub, ["<<Laid to", "Incidents"], rows


def _share(found: Recovery | None) -> str:
    return _NONE if found is None else f"{found.found:,} of {found.planted:,}"


def one_by_one(everything: Iterable[Proven]) -> Table:
    """Whatever else was planted as single things, with how much of it is right."""
    by_story = {each.story: _by_what(each) for each in everything}
    names = dict.fromkeys(what for found in by_story.values() for what in found if not what.startswith(_APART))
    rows = [[_PLANTED.get(name, name), *(_caused(found.get(name)) for found in by_story.values())] for name in names]
    sub = "Each unit of each metric, each line by what was done to it: no two errors make up for each other."
    return "One by one", sub, ["<<Planted", *(story.capitalize() for story in by_story)], rows


def _by_what(story: Proven) -> dict[str, Recovery]:
    return {each.what: each for each in story.recoveries}


def _caused(found: Recovery | None) -> str:
    """How many were found, and how many of these are another change, or another one as well."""
    if found is None:
        return _NONE
    wrong = f", {found.found - found.right:,} wrong" if found.found > found.right else ""
    return f"{found.right:,} of {found.planted:,}{wrong}"


def confounded(story: Proven) -> Table:
    """Where the mix misleads: crude and adjusted ratios beside the planted one."""
    by_number = {(each.metric, each.of): each for each in story.proofs}
    rows = []
    for key in ("incident_rate", "churn"):
        crude, adjusted = by_number[key, "ratio"], by_number[key, "adjusted"]
        rows.append([BY_KEY[key].title, f"{adjusted.truth:g}", _times(crude), _times(adjusted), _held([adjusted])])
    heads = ["<<Metric", "Planted", "Crude ratio", "Like with like", "Its interval held it"]
    return "Confounded on purpose", f"{story.about} {_organisations(story)} organisations; the middle one.", heads, rows


def _times(proof: Proof) -> str:
    return _NONE if proof.measured is None else f"{proof.measured:.2f}"


def intervals(found: Sequence[Coverage]) -> Table:
    """How often each kind of interval holds the truth of simulated draws, over its settings."""
    rows = []
    for kind in dict.fromkeys(each.kind for each in found):
        own = [each for each in found if each.kind == kind and each.printed >= FEWEST]
        ordinary, beyond = ([each for each in own if bool(each.beyond) == is_beyond] for is_beyond in (False, True))
        inside = sum(INSIDE[0] <= (each.share or 0) <= INSIDE[1] for each in ordinary)
        rows.append([kind, len(ordinary), inside, _range(ordinary), len(beyond) or _NONE, _range(beyond)])
    sub = (
        f"{max(each.draws for each in found):,} draws of each setting, of changes as uneven as real ones. A setting is beyond, "
        "where few events, or changes unlike real ones, make it hold more or less; twinledger verify prints why for each."
    )
    heads = ["<<Interval", "Settings", "Within 93 to 97 %", "Least to most", "Beyond", "Least to most"]
    return "Every kind of interval, simulated", sub, heads, rows


def _range(found: Sequence[Coverage]) -> str:
    shares = [each.share for each in found if each.share is not None]
    return f"{min(shares) * 100:.1f} to {max(shares) * 100:.1f} %" if shares else _NONE


def limits() -> Table:
    """What makes each number mislead."""
    rows = [[links.definition(metric.key, metric.title, "definitions"), metric.limits] for metric in METRICS]
    return "Known limits", "What makes a number mislead, and which way.", ["<<Metric", "<<Limits"], rows


def _organisations(proven: Proven) -> int:
    first, last = proven.seeds
    return last - first + 1
