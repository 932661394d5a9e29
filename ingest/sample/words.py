"""The words of the shop: nouns, verbs and attributes, of which code, prose and titles are made."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one repository."""

    nouns: tuple[str, ...]
    verbs: tuple[str, ...]
    attributes: tuple[str, ...]

    def noun(self, rng: random.Random) -> str:
        """Any noun."""
        return rng.choice(self.nouns)

    def phrase(self, rng: random.Random) -> str:
        """Two nouns: a thing of this repository."""
        return " ".join(rng.sample(self.nouns, 2))


_COMMON_NOUNS = (
    "account address batch buffer cache channel client config context counter customer cursor deadline entry event "
    "factor field flag gateway group handle header history item job key label limit lock marker message metric "
    "moment notice order owner packet page partner payload period policy position profile quota reason record "
    "region report request response result retry route row rule sample schedule scope segment session share signal "
    "slot snapshot source stage state status stock store summary table target task template ticket token total "
    "trace update user value vendor version voucher window worker"
)
_COMMON_VERBS = (
    "apply archive assign attach balance build calculate cancel check clean collect combine compare confirm convert "
    "count deliver detect dispatch drain encode ensure estimate expand export fetch filter find flush format gather "
    "insert inspect join list load lookup map mark match measure merge move normalize notify open parse pick "
    "plan prepare probe publish queue read rebuild reconcile record refresh register release remove render repair "
    "replace reset resolve restore review round scan schedule select send settle sort split start stop store "
    "summarize sync trim update validate verify write"
)
_ATTRIBUTES = (
    "active amount base code created_at currency delay depth due_at enabled expires_at first height ident index kind "
    "last length level mode name number offset parent path priority rank ratio ready score seen_at size started_at "
    "tags timeout title unit updated_at valid weight width"
)
_OWN_NOUNS = {
    "shop-web": (
        "banner basket button card carousel cart checkout coupon crumb dialog drawer facet footer form gallery "
        "image layout link locale menu modal navbar panel picker price product promo rating slider teaser theme "
        "thumbnail tile toast tooltip variant video viewport wishlist"
    ),
    "shop-payments": (
        "acquirer balance bank capture card charge chargeback claim credit debit deposit dispute fee fraud "
        "hold iban invoice issuer ledger liability mandate merchant payee payer payout posting receipt "
        "refund reserve settlement statement subscription surcharge tax transfer wallet webhook"
    ),
    "shop-search": (
        "alias analyzer bigram bucket category cluster corpus crawler document embedding facet fragment hit index "
        "intent keyword lexeme matcher ngram node posting prefix query ranking recall relevance score shard snippet "
        "speller stem stopword suggestion suffix synonym tenant term tokenizer trie vector"
    ),
}
VOCABULARIES = {
    repo: Vocabulary(
        nouns=tuple(dict.fromkeys((own + " " + _COMMON_NOUNS).split())),
        verbs=tuple(_COMMON_VERBS.split()),
        attributes=tuple(_ATTRIBUTES.split()),
    )
    for repo, own in _OWN_NOUNS.items()
}

_TITLES = {
    "feature": (
        "Add {a} to the {b}",
        "Show {a} in the {b} view",
        "Let a {a} carry its {b}",
        "Support {a} per {b}",
        "Keep the {a} of every {b}",
        "Send the {a} with the {b}",
        "Read {a} from the {b} settings",
    ),
    "fix": (
        "Fix the {a} when the {b} is empty",
        "Handle a missing {a} in the {b}",
        "Fix off-by-one in the {a} of the {b}",
        "Do not lose the {a} on {b} retry",
        "Fix rounding of the {a} in {b}",
    ),
    "hotfix": ("Hotfix: restore the {a} of the {b}", "Hotfix: guard the {a} against a stale {b}"),
    "refactor": (
        "Move {a} handling next to the {b}",
        "Split the {a} out of the {b}",
        "Simplify how the {a} finds its {b}",
        "Extract the {a} from the {b}",
    ),
    "docs": ("Explain the {a} of the {b}", "Document {a} and {b}"),
    "test": ("Cover the {a} of the {b} with tests", "Test {a} without a {b}"),
    "chore": ("Tune the {a} of the {b}", "Clean up {a} leftovers in the {b}", "Raise the {a} limit of the {b}"),
}
# The name of a tool in a sentence is no mark: nobody may be counted for it.
_PROSE = ("Explain how we review what Claude writes", "Remove the note about Claude from the {a} guide")


def title(rng: random.Random, kind: str, vocabulary: Vocabulary) -> str:
    """The title of a change of a kind."""
    form = rng.choice(_PROSE) if kind == "docs" and rng.random() < 0.06 else rng.choice(_TITLES[kind])
    return form.format(a=vocabulary.phrase(rng), b=vocabulary.noun(rng))


def sentence(rng: random.Random, vocabulary: Vocabulary) -> str:
    """One sentence about the shop, for docstrings, comments and documents."""
    form = rng.choice(
        (
            "The {a} of a {b} is checked before the {c} is sent.",
            "Every {b} keeps its {a} until the {c} expires.",
            "A {a} without a {b} is left to the {c} job.",
            "The {c} reads the {a} once and never asks the {b} again.",
            "When the {b} is late the {a} falls back to the {c}.",
            "One {a} per {b}, counted by the {c}.",
        )
    )
    return form.format(a=vocabulary.phrase(rng), b=vocabulary.noun(rng), c=vocabulary.phrase(rng))
