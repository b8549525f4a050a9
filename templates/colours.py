"""A brand's colour made readable: contrast as WCAG 2.2 computes it (success criterion 1.4.3 asks for 4.5 to 1)."""

from __future__ import annotations

import re

READABLE = 4.5
WHITE = "#ffffff"
INK = "#000000"
# The darkest of the light papers and the lightest of the dark ones that the templates set links on.
LIGHT_PAPER = "#eef1f5"
DARK_PAPER = "#262c34"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two #rrggbb colours, from 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(background: str) -> str:
    """White or black, whichever is easier to read on that background. One of them always has 4.5 to 1 or more."""
    return WHITE if contrast(WHITE, background) >= contrast(INK, background) else INK


def readable(colour: str, paper: str) -> str:
    """The colour, moved toward black or white in small steps until text in it is readable on that paper."""
    target = (0, 0, 0) if _luminance(paper) > 0.18 else (255, 255, 255)
    channels = _channels(colour)
    for step in range(51):
        share = step / 50
        mixed = [round(channel + (end - channel) * share) for channel, end in zip(channels, target, strict=True)]
        candidate = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(candidate, paper) >= READABLE:
            return candidate
    return text_on(paper)


def is_colour(text: str) -> bool:
    """Whether the text is a colour such as #1f5fbf."""
    return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


def _channels(colour: str) -> list[int]:
    if not is_colour(colour):
        raise ValueError(f"{colour!r} is not a colour such as #1f5fbf")
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def _luminance(colour: str) -> float:
    linear = []
    for channel in _channels(colour):
        share = channel / 255
        linear.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
