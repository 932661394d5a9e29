"""The colours can be read, told apart, and mean the same on the server as in the style sheet."""

import itertools
import re
import tomllib
from dataclasses import asdict
from math import sqrt
from pathlib import Path

import pytest

import dashboard
from dashboard.theme import DARK, LIGHT, Palette, css_variables

PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
# What words are set in, the labels at the ends of lines included.
TEXTS = ("ink", "soft", "adoption", "quality", "ai", "human", "rest", "bad", "good", "warn")
AA = 4.5  # WCAG 2.2, 1.4.3, for text of any size
MARK = 3.0  # WCAG 2.2, 1.4.11, for what must be seen to understand a figure

# Machado, Oliveira and Fernandes 2009, severity 1.0, for linear RGB.
BLINDNESS = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
APART = 20  # CIE 1976 difference; 2.3 is just noticeable, and these are thin lines side by side


def linear(colour: str) -> tuple[float, float, float]:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def lab(rgb: tuple[float, float, float]) -> tuple[float, float, float]:
    """CIE L*a*b* under D65."""
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    shares = [sum(f * c for f, c in zip(row, rgb, strict=True)) / w for row, w in zip(rows, white, strict=True)]
    x, y, z = (share ** (1 / 3) if share > 0.008856 else 7.787 * share + 16 / 116 for share in shares)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: str, other: str, blindness: str) -> float:
    seen = []
    for colour in (one, other):
        rgb = linear(colour)
        red, green, blue = (
            min(max(sum(f * c for f, c in zip(row, rgb, strict=True)), 0), 1) for row in BLINDNESS[blindness]
        )
        seen.append(lab((red, green, blue)))
    return sqrt(sum((a - b) ** 2 for a, b in zip(*seen, strict=True)))


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@PALETTES
def test_words_can_be_read_on_both_grounds(palette: Palette) -> None:
    colours = asdict(palette)
    low = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for text, ground in itertools.product(TEXTS, ("ground", "panel"))
        if contrast(colours[text], colours[ground]) < AA
    }
    assert low == {}
    assert min(contrast(palette.ink, palette.warn_ground), contrast(palette.soft, palette.warn_ground)) >= AA


@PALETTES
def test_marks_that_carry_meaning_can_be_seen_on_both_grounds(palette: Palette) -> None:
    for ground in (palette.ground, palette.panel):
        assert contrast(palette.unknown, ground) >= MARK


@PALETTES
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_cohorts_stay_apart_for_the_colour_blind(palette: Palette, blindness: str) -> None:
    colours = asdict(palette)
    near = {
        pair: round(difference(colours[pair[0]], colours[pair[1]], blindness))
        for pair in itertools.combinations(("ai", "human", "rest", "unknown"), 2)
        if difference(colours[pair[0]], colours[pair[1]], blindness) < APART
    }
    assert near == {}


@PALETTES
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_the_two_ledgers_stay_apart_for_the_colour_blind(palette: Palette, blindness: str) -> None:
    assert difference(palette.adoption, palette.quality, blindness) >= APART


def test_the_style_sheet_has_every_colour_on_both_grounds_and_no_other() -> None:
    variables = css_variables()
    sheet = (Path(dashboard.__file__).parent / "templates" / "style.css").read_text()

    for (name, light), dark in zip(asdict(LIGHT).items(), asdict(DARK).values(), strict=True):
        assert f"--{name.replace('_', '-')}:light-dark({light},{dark})" in variables
    assert set(re.findall(r"var\(--([a-z-]+)\)", sheet)) <= {name.replace("_", "-") for name in asdict(LIGHT)}
    assert re.findall(r"#[0-9a-f]{3,8}\b(?=[;}\s])", sheet) == []


def test_the_servers_own_widgets_wear_the_same_colours() -> None:
    theme = tomllib.loads((Path(dashboard.__file__).parent / ".streamlit" / "config.toml").read_text())["theme"]

    for ground, palette in (("light", LIGHT), ("dark", DARK)):
        assert theme[ground] == {
            "primaryColor": palette.adoption, "backgroundColor": palette.ground, "textColor": palette.ink,
            "secondaryBackgroundColor": palette.panel, "borderColor": palette.line,
        }  # fmt: skip
