"""Colours that mean one thing each, for pages, figures and the report.

Adoption violet, quality teal; AI orange, attested human green, the rest blue, unknown grey. Red only for what is worse
beyond noise and for sources that failed, and never without a word beside it.
"""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Palette:
    """The colours on one ground; every text pair reaches WCAG AA, `unknown` 3:1 (tests/dashboard/test_theme.py)."""

    ground: str
    panel: str
    ink: str
    soft: str
    line: str
    adoption: str
    quality: str
    ai: str
    human: str
    rest: str
    unknown: str
    bad: str
    good: str
    warn: str
    warn_ground: str

    def ledger(self, name: str) -> str:
        """The colour of a ledger, adoption or quality."""
        return self.adoption if name == "adoption" else self.quality


LIGHT = Palette(
    ground="#fbfaf8", panel="#ffffff", ink="#1d2329", soft="#5b6670", line="#e4e1db",
    adoption="#6d28d9", quality="#0e7490", ai="#c2410c", human="#065f46", rest="#1d4ed8", unknown="#7b858e",
    bad="#b42318", good="#067647", warn="#92400e", warn_ground="#fff4e5",
)  # fmt: skip
DARK = Palette(
    ground="#14171a", panel="#1c2024", ink="#eceae6", soft="#a3adb6", line="#30363c",
    adoption="#b388ff", quality="#4cc3dd", ai="#fb923c", human="#6ee7b7", rest="#7aa5ff", unknown="#7b858e",
    bad="#ff8a7a", good="#5dd39e", warn="#ffc98a", warn_ground="#33270f",
)  # fmt: skip


def mixed(colour: str, ground: str, share: float) -> str:
    """So much of a colour on a ground.

    >>> mixed("#ff0000", "#ffffff", 0.5)
    '#ff8080'
    """
    pairs = [(int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(share * mine + (1 - share) * other):02x}" for mine, other in pairs)


def css_variables() -> str:
    """Each colour as a variable that follows the ground it stands on."""
    dark = asdict(DARK)
    pairs = (f"--{name.replace('_', '-')}:light-dark({light},{dark[name]})" for name, light in asdict(LIGHT).items())
    return ":root,.stApp{" + ";".join(pairs) + "}"


def wordmark(palette: Palette) -> str:
    """The name with its two ledgers, as a drawing."""
    bars = f'<rect y="5" width="5" height="18" rx="1.5" fill="{palette.adoption}"/>'
    bars += f'<rect x="8" y="5" width="5" height="18" rx="1.5" fill="{palette.quality}"/>'
    style = f'font-family="Helvetica, Arial, sans-serif" font-size="20" font-weight="650" fill="{palette.ink}"'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="132" height="28" viewBox="0 0 132 28">'
        f'{bars}<text x="21" y="20.5" textLength="109" lengthAdjust="spacingAndGlyphs" {style}>twinledger</text></svg>'
    )
