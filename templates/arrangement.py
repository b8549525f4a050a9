"""The places of a template for the blocks of a mail: which may change places, and the MJML with them changed.

A place that is shown only when its block has words (`when="fixes"` on a child of the body, with no other block in it)
stands for itself and can change places with others of its kind. One without `when` holds more than its block, such as
the greeting above the introduction, and stays where it is; so do the address and the link that the law asks for. The
button goes with the words that ask to press it, if it comes right after them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from templates import placeholders, structure
from templates.content import OPTIONAL, SECTION_KINDS

_OF_THE_ACTION = frozenset(("action_label", "action_url"))


@dataclass(frozen=True)
class _Place:
    kind: str
    start: int
    end: int


def own_order(mjml: str) -> tuple[str, ...]:
    """The kinds of blocks in the order in which the template shows them."""
    return _with_guests(_placed(mjml))


def movable(mjml: str) -> tuple[str, ...]:
    """The kinds of blocks that may change places, in the template's order."""
    return tuple(place.kind for place in _places(mjml))


def order_in(mjml: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """How the blocks follow one another when a person wants them so: what cannot move stays in its place.

    Args:
        wanted: kinds of blocks; one that is not named stands behind the one that the template has before it. Without
            any it is the template's own order.
    """
    own, free = _placed(mjml), movable(mjml)
    full = [kind for kind in wanted if kind in own]
    for at, kind in enumerate(own):
        if kind not in full:
            before = next((full.index(other) + 1 for other in reversed(own[:at]) if other in full), 0)
            full.insert(before, kind)
    moved = iter([kind for kind in full if kind in free])
    return _with_guests(tuple(next(moved) if kind in free else kind for kind in own))


@lru_cache(maxsize=64)
def _placed(mjml: str) -> tuple[str, ...]:
    """The template's own order, without the optional kinds that it has no place for."""
    shown = dict.fromkeys(use.name for use in placeholders.find(mjml) if use.name in SECTION_KINDS)
    return (*shown, *(kind for kind in SECTION_KINDS if kind not in shown and kind not in OPTIONAL))


def _with_guests(order: tuple[str, ...]) -> tuple[str, ...]:
    """The order with those kinds where they are shown: at the head of the closing."""
    guests = [kind for kind in OPTIONAL if kind not in order]
    at = order.index("closing")
    return (*order[:at], *guests, *order[at:])


def arranged(mjml: str, wanted: Sequence[str]) -> str:
    """The MJML with its places in the wanted order. Its own order changes nothing, to the last byte."""
    if not wanted:
        return mjml
    places = _places(mjml)
    texts = {place.kind: mjml[place.start : place.end] for place in places}
    order = [kind for kind in order_in(mjml, wanted) if kind in texts]
    pieces, position = [], 0
    for place, kind in zip(places, order, strict=True):
        pieces += [mjml[position : place.start], texts[kind]]
        position = place.end
    return "".join(pieces) + mjml[position:]


# A page asks several times for the few templates that are in use, and the same MJML has the same places.
@lru_cache(maxsize=64)
def _places(mjml: str) -> tuple[_Place, ...]:
    found: list[_Place] = []
    children = structure.children_of_body(mjml)
    times = [use.name for use in placeholders.find(mjml)]
    for at, child in enumerate(children):
        if child.when not in SECTION_KINDS or times.count(child.when) != 1:
            continue
        if _blocks(mjml[child.start : child.end]) != [child.when]:
            continue
        end = child.end
        if child.when == "action":
            end = _button(mjml, end, children[at + 1 :])
        found.append(_Place(child.when, child.start, end))
    return tuple(found)


def _button(mjml: str, end: int, behind: Iterable[structure.Child]) -> int:
    """Where the words that ask for something end when the button right behind them goes with them."""
    for child in behind:
        if child.when not in _OF_THE_ACTION or not re.fullmatch(r"\s*", mjml[end : child.start]):
            break
        end = child.end
    return end


def _blocks(mjml: str) -> list[str]:
    return [use.name for use in placeholders.find(mjml) if use.name in SECTION_KINDS]
