"""The guide names every rule that the checks have."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from campaigns.drafting import moments, rules
from campaigns.drafting.findings import BLOCKING, WARNING

ROOM = Path(rules.__file__).parent
GUIDE = ROOM.parent.parent / "docs" / "drafting.md"
#: Calls that take a level and then a rule, and those that take a rule.
WITH_LEVEL, WITHOUT = ("say", "Finding"), ("Problem",)


def names_in_code() -> Iterator[tuple[str, str]]:
    """Every rule that some check reports, with its level where it stands beside it."""
    for path in sorted(ROOM.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id in WITH_LEVEL and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                    level = node.args[0].id if isinstance(node.args[0], ast.Name) else ""
                    yield str(node.args[1].value), {"BLOCKING": BLOCKING, "WARNING": WARNING}.get(level, "")
                elif node.func.id in WITHOUT and isinstance(node.args[0], ast.Constant):
                    yield str(node.args[0].value), BLOCKING
            # The orders are a list of a rule, a pattern and what is said.
            if path.name == "orders.py" and isinstance(node, ast.Tuple) and len(node.elts) == 3:
                first = node.elts[0]
                yield from [(str(first.value), BLOCKING)] if isinstance(first, ast.Constant) else []


def test_every_rule_of_the_code_is_described_with_its_level() -> None:
    described = {rule.name: rule.level for rule in rules.RULES}
    found: dict[str, set[str]] = {}
    for name, level in names_in_code():
        if name:
            found.setdefault(name, set()).add(level)
    assert set(found) == set(described)
    assert len(described) == len(rules.RULES)
    for name, levels in found.items():
        told = {BLOCKING, WARNING} if described[name] == rules.BOTH else {described[name]}
        assert levels - {""} == told, name


def test_the_guide_has_the_table_of_rules_as_it_is_in_the_code() -> None:
    assert rules.as_table() in GUIDE.read_text(encoding="utf-8"), "write campaigns.drafting.rules.as_table() there"


def test_the_guide_has_the_words_of_the_moment_as_they_are_in_the_code() -> None:
    assert moments.as_list() in GUIDE.read_text(encoding="utf-8"), "write campaigns.drafting.moments.as_list() there"
