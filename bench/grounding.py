"""How well the checker finds sentences that do not rest on the issue they cite.

    python bench/grounding.py LABELS.json --release JIRA.json

Prints every miss and false alarm with the rule that spoke, and last one line: caught=N/N false_alarms=N/N.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.jira_facts import facts_of
from campaigns.drafting.grounding import Checker
from campaigns.drafting.text import Sentence


def main() -> None:
    """Run the checker over labelled sentences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--release", type=Path, required=True)
    parser.add_argument("--verbose", action="store_true", help="also print what was caught, and by what")
    options = parser.parse_args()
    labels = json.loads(options.labels.read_text(encoding="utf-8"))
    # Every issue counts as told to clients here: the labels judge a sentence against the issue, not the issue.
    checker = Checker(facts_of(json.loads(options.release.read_text(encoding="utf-8")), everything=True))
    caught = faults = alarms = right = 0
    began = time.perf_counter()
    for entry in labels["sentences"]:
        findings = checker.check_sentence(Sentence(entry["sentence"], tuple(entry["cites"])))
        rules = ", ".join(f"{finding.rule} ({finding.message})" for finding in findings) or "no rule spoke"
        line = f"[{entry['label']}] {entry['sentence']} {entry['cites']}\n    {rules}"
        if entry["label"] == "ok":
            right += 1
            alarms += bool(findings)
            if findings:
                print(f"FALSE ALARM {line}")
        else:
            faults += 1
            caught += bool(findings)
            if not findings:
                print(f"MISSED {line}")
        if options.verbose and bool(findings) == (entry["label"] != "ok"):
            print(f"right {line}")
    spent = (time.perf_counter() - began) * 1000
    print(f"{len(labels['sentences'])} sentences in {spent:.0f} ms")
    print(f"caught={caught}/{faults} false_alarms={alarms}/{right}")


if __name__ == "__main__":
    main()
