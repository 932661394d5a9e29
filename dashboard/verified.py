"""What the truth lab came to, as Markdown and as JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from metrics.planted import Recovery
from metrics.proof import Proof, Proven

BASES = {
    "rate": "planted as a rate",
    "counted": "counted by who planted it",
    "together": "all organisations together",
}
_PROOF = ("metric", "of", "truth", "truth from", "measured", "error", "counts exact", "interval held", "p")
_RECOVERY = ("what", "planted", "found", "right")


def as_json(tables: Sequence[Proven]) -> str:
    """Everything, to be read again by the page."""
    return json.dumps([asdict(each) for each in tables], indent=1)


def read(text: str) -> list[Proven]:
    """What `as_json` wrote."""
    return [
        Proven(
            each["story"],
            each["about"],
            tuple(each["seeds"]),
            [Proof(**proof) for proof in each["proofs"]],
            [Recovery(**recovery) for recovery in each["recoveries"]],
        )
        for each in json.loads(text)
    ]


def as_text(tables: Sequence[Proven]) -> str:
    """Markdown: a chapter for each story."""
    return "\n".join(line for each in tables for line in _chapter(each))


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
