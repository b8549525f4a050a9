"""The four extractive drafts of a release, with citations and findings, for a person to read.

    python bench/drafts.py JIRA.json

The last line is: blocking=N warnings=N uncited=N, where uncited counts sentences that state something and cite nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.jira_facts import facts_of
from campaigns.drafting import checks, extractive
from campaigns.drafting.jobs import JOBS
from campaigns.drafting.uncited import BLOCKS


def main() -> None:
    """Write and check the four mails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", type=Path)
    facts = facts_of(json.loads(parser.parse_args().release.read_text(encoding="utf-8")))
    print(f"{facts.name}: {len(facts.issues)} issues told, {len(facts.excluded)} kept out")
    for issue in facts.excluded:
        print(f"  kept out: {issue.key} {issue.summary} ({issue.reason})")
    blocking = warnings = uncited = 0
    for step in JOBS:
        text = extractive.draft(facts, step)
        print(f"\n=== {step}, {text.word_count()} words\nSubject: {text.subject}\nPreheader: {text.preheader}")
        for block in text.blocks:
            print(f"[{block.kind}]")
            for sentence in block.sentences:
                print(f"  {sentence.text} {list(sentence.keys) or ''}")
                uncited += not sentence.keys and block.kind not in BLOCKS
        for finding in checks.check(text, facts, step=step):
            print(f"  {finding.level}: {finding.rule} in {finding.block}[{finding.index}]: {finding.message}")
            blocking += finding.blocks
            warnings += not finding.blocks
            uncited += finding.rule == "uncited"
    print(f"blocking={blocking} warnings={warnings} uncited={uncited}")


if __name__ == "__main__":
    main()
