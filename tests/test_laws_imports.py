"""The import direction and the doors, read from the source: data flows one way, each outside system has one door."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each room may import itself and the rooms named here.
ROOMS: dict[str, tuple[str, ...]] = {
    "releases": (),
    "templates": (),
    "campaigns.states": (),
    "campaigns.permissions": (),
    "campaigns.given": (),
    "campaigns.paging": (),
    "campaigns.audience": (
        "releases",
        "templates",
        "campaigns.states",
        "campaigns.permissions",
        "campaigns.given",
        "campaigns.paging",
    ),
    "campaigns.planning": (
        "releases",
        "templates",
        "campaigns.states",
        "campaigns.permissions",
        "campaigns.given",
        "campaigns.paging",
        "campaigns.audience",
    ),
}
ROOMS["campaigns.drafting"] = (*ROOMS["campaigns.planning"], "campaigns.planning")
ROOMS["campaigns.review"] = (*ROOMS["campaigns.drafting"], "campaigns.drafting")
ROOMS["campaigns.delivery"] = (*ROOMS["campaigns.review"], "campaigns.review")
ROOMS["campaigns.notices"] = (*ROOMS["campaigns.delivery"], "campaigns.delivery")
ROOMS["analytics"] = ("releases", "templates", "campaigns")

DOORS = {
    "jira": {"releases/jira.py"},
    "openai": {"campaigns/drafting/openai_drafter.py"},
    "boto3": {"campaigns/delivery/ses.py", "analytics/sns_door.py"},
    "botocore": {"campaigns/delivery/ses.py", "campaigns/delivery/ses_errors.py", "analytics/sns_door.py"},
    "django_ses": {"campaigns/delivery/ses.py", "analytics/sns.py", "analytics/sns_door.py"},
}


def sources(*folders: str) -> Iterator[Path]:
    """The Python files of our packages, migrations left out: they name the models of their time."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def imports(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions and under TYPE_CHECKING."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the direction"
            module = node.module or ""
            found.update(f"{module}.{alias.name}" for alias in node.names)
    return found


def room_of(path: Path) -> str:
    """The room a file belongs to; the glue of the campaigns app belongs to none."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] != "campaigns":
        return parts[0]
    return ".".join(parts[:2]) if len(parts) > 1 else parts[0]


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")


def test_the_rooms_import_in_one_direction() -> None:
    ours = ("releases", "templates", "campaigns", "analytics", "relmail")
    wrong = []
    for path in sources("releases", "templates", "campaigns", "analytics"):
        room = room_of(path)
        if room not in ROOMS:
            continue  # campaigns/__init__, apps, models: they only gather the rooms
        for module in imports(path):
            if not any(within(module, name) for name in ours):
                continue
            if not any(within(module, allowed) for allowed in (room, *ROOMS[room])):
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert wrong == []


@pytest.mark.parametrize("library", sorted(DOORS))
def test_each_outside_system_has_one_door(library: str) -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in sources("releases", "templates", "campaigns", "analytics")
        if any(within(module, library) for module in imports(path))
    }
    assert users <= DOORS[library]
    assert users, f"nobody imports {library}: the door has moved and this test looks at the wrong place"


def test_no_product_code_knows_of_simulator_demo_or_tests() -> None:
    words = ("simulator", "demo", "tests")
    wrong = []
    for path in sources("releases", "templates", "campaigns", "analytics"):
        for module in imports(path):
            if any(word in module.split(".") for word in words) or within(module, "relmail"):
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
        text = path.read_text(encoding="utf-8").lower()
        wrong += [
            f"{path.relative_to(ROOT)} speaks of the {word}"
            for word in ("relmail.simulator", "simulated")
            if word in text
        ]
    assert wrong == []


def test_nobody_listens_to_signals_between_apps() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in sources("releases", "templates", "campaigns", "analytics")
        if any(
            within(module, "django.dispatch") or within(module, "django.db.models.signals") for module in imports(path)
        )
    ]
    assert wrong == []


def test_pages_never_reach_the_directory_of_modules() -> None:
    from django.conf import settings

    assert settings.TEMPLATES[0]["DIRS"] == [ROOT / "templates" / "html"]


def test_the_state_of_an_email_or_campaign_changes_in_one_place_which_writes_the_line() -> None:
    """Law 12: `move` and `_move_campaign` change the row and record who, when, from, to and why in one transaction."""
    changes = re.compile(r"\b(?:CampaignEmail|Campaign)\.objects\b(?:(?!\n\n).)*?\.update\([^)]*\bstate=", re.DOTALL)
    found = [
        f"{path.relative_to(ROOT)}: {len(changes.findall(path.read_text(encoding='utf-8')))}"
        for path in sources("releases", "templates", "campaigns", "analytics", "relmail")
        if changes.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["campaigns/planning/services.py: 2"]
