"""What the truth lab came to, as Markdown and as JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from metrics.kinds import Coverage
from metrics.proof import Proof, Proven
from metrics.recovered import Recovery

BASES = {
    "rate": "planted as a rate",
    "due": "what was due in each",
    "counted": "counted by who planted it",
    "together": "all organisations together",
}
_PROOF = ("metric", "of", "truth", "truth from", "measured", "error", "counts exact", "interval held", "p")
_COVERAGE = ("interval", "drawn", "told", "held the truth", "why beyond 93 to 97 %")
_RECOVERY = ("what", "planted", "found", "right")


@dataclass(frozen=True)
class Verified:
    """All that a run of the lab came to."""

    stories: list[Proven]
    intervals: list[Coverage]  # of simulated draws, whatever the product reads


def as_json(found: Verified) -> str:
    """Everything, to be read again by the page."""
    return json.dumps(asdict(found), ensure_ascii=False)


def read(text: str) -> Verified:
    """What `as_json` wrote."""
    found = json.loads(text)
    return Verified([_story(each) for each in found["stories"]], [Coverage(**each) for each in found["intervals"]])


def _story(found: dict[str, Any]) -> Proven:
    first, last = found["seeds"]
    proofs = [Proof(**proof) for proof in found["proofs"]]
    recoveries = [Recovery(**recovery) for recovery in found["recoveries"]]
    return Proven(found["story"], found["about"], (first, last), proofs, recoveries)


def as_text(found: Verified) -> str:
    """Markdown: a chapter for each story, and one for the intervals that were simulated."""
    lines = [line for each in found.stories for line in _chapter(each)]
    return "\n".join([*lines, *_simulated(found.intervals)])


def _simulated(intervals: Sequence[Coverage]) -> Iterator[str]:
    yield f"## Intervals of simulated draws\n\n{max(each.draws for each in intervals):,} draws for each setting.\n"
    rows = [
        (each.kind, each.setting, each.printed, "-" if each.share is None else f"{each.share:.1%}", each.beyond)
        for each in intervals
    ]
    yield from _table(_COVERAGE, rows)


def _chapter(proven: Proven) -> Iterator[str]:
    first, last = proven.seeds
    yield f"## {proven.story}\n\n{proven.about} {last - first + 1} organisations, seeds {first} to {last}.\n"
    yield from _table(_PROOF, [proof_row(proof) for proof in proven.proofs])
    yield ""
    yield from _table(_RECOVERY, [(one.what, one.planted, one.found, one.right) for one in proven.recoveries])
    yield ""


def proof_row(proof: Proof) -> tuple[object, ...]:
    """A proof in words and figures, in the order of the columns."""
    return (
        proof.metric,
        proof.of,
        f"{proof.truth:.4g}",
        BASES[proof.basis],
        "-" if proof.measured is None else f"{proof.measured:.4g}",
        "-" if proof.error is None else f"{proof.error:+.1%}",
        "-" if proof.exact is None else f"{proof.exact} of {proof.organisations}",
        f"{proof.held} of {proof.told}",
        "-" if proof.p_value is None else f"{proof.p_value:.2g}" + (" rejected" if proof.is_rejected else ""),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(map(str, row)) + " |"
