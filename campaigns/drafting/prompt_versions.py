"""Which version of the prompts is live. A version goes live only when the regression set passed with its very files.

Versions are the folders prompts/vN. prompts/shipped.json names the one that relmail comes with and the digest with
which it passed; a database remembers later ones. Files that were changed since are not used: rules write then.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache

from campaigns.drafting.models import PromptEvaluation
from campaigns.drafting.prompting import PROMPTS


@dataclass(frozen=True)
class Live:
    """The version that drafts are asked with, since when, and "" or why it cannot be used."""

    version: str
    digest: str
    by: str
    problem: str = ""


def versions() -> list[str]:
    """The versions in the files, the oldest first."""
    found = [path.name for path in PROMPTS.iterdir() if path.is_dir() and re.fullmatch(r"v\d+", path.name)]
    return sorted(found, key=lambda name: int(name[1:]))


@lru_cache(maxsize=16)
def digest_of(version: str) -> str:
    """SHA-256 in hex over the names and bytes of a version's files. Raises FileNotFoundError for a missing version.

    Read once per process: like code, prompts change with a deployment.
    """
    folder = PROMPTS / version
    if version not in versions():
        raise FileNotFoundError(version)
    whole = hashlib.sha256()
    for path in sorted(folder.glob("*.md")):
        whole.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return whole.hexdigest()


@lru_cache(maxsize=1)
def shipped() -> tuple[str, str]:
    """The version that relmail comes with, and the digest with which it passed."""
    data = json.loads((PROMPTS / "shipped.json").read_text(encoding="utf-8"))
    return str(data["version"]), str(data["digest"])


def live() -> Live:
    """The live version: the one that was put live here, else the shipped one. One query."""
    row = PromptEvaluation.objects.filter(live=True).first()
    if row is None:
        version, digest = shipped()
        found = Live(version, digest, "shipped with relmail")
    else:
        found = Live(row.version, row.digest, f"passed with {row.model} on {row.at:%d %b %Y}")
    if found.version not in versions():
        problem = f"The prompts {found.version} are live, but their files are gone."
    elif digest_of(found.version) != found.digest:
        problem = (
            f"The files of the prompts {found.version} were changed since they passed the evaluation; "
            "run manage.py evaluate_drafts."
        )
    else:
        return found
    return Live(found.version, found.digest, found.by, problem)
