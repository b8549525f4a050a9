"""What a sentence means beside its issue: free ways to say the same that pass, and near ways to say another thing.

The release is of a library of books; each sentence stands for a turn of phrase of any product.
"""

from __future__ import annotations

import pytest

from campaigns.drafting import figures, grounding, promises, signs, stems, summaries
from campaigns.drafting.facts import Facts
from campaigns.drafting.text import Sentence

ISSUES = [
    ("LIB-1", "fix", "Reader cards are incorrectly taken for staff cards", ""),
    ("LIB-2", "fix", "Return slip is missing the date of the loan", ""),
    ("LIB-3", "fix", "Overdue notice goes out twice when a loan is extended", ""),
    ("LIB-4", "fix", "Catalogue export is broken if a title contains a quote", ""),
    ("LIB-5", "fix", "Scans > 3 GB cannot be downloaded from the reader UI", ""),
    ("LIB-6", "improvement", "Bump the bundled barcode reader from 2.1.4 to 2.2.0", ""),
    ("LIB-7", "other", "Remove unused Fortran dependency", ""),
    ("LIB-8", "feature", "Add a command to check shelf lists offline", ""),
    ("LIB-9", "feature", "Loan period per branch",
     "How long books may be kept is set per branch. The default is 28 days."),
    ("LIB-10", "fix", "Crash in LoanDesk when a scanner disconnects during a booking", ""),
    ("LIB-11", "feature", "Let readers pause a reservation",
     "Readers can pause a reservation of a book. No fees are charged while it is paused. Films cannot be paused."),
    ("LIB-12", "security", "Stored XSS in the notes of a reader", "Notes of a reader are now escaped at the desk."),
    ("LIB-13", "fix", "Desk ticket can be used more than once", "A desk ticket expires after 60 minutes."),
    ("LIB-14", "improvement", "Lending desk keeps all covers in memory", ""),
    ("LIB-15", "fix", "Loan record not invalidated when a book returns to another branch", ""),
    ("LIB-16", "fix", "Sorting by year puts the oldest volume first", ""),
    ("LIB-17", "improvement", "Show shelf wait time on the desk page", ""),
    ("LIB-18", "fix", "Deadlock at the desk when two readers ask for one copy", ""),
    ("LIB-19", "fix", "Import fails for books without an author",
     "Books that have no author are listed under the name unknown after the import."),
    ("LIB-20", "feature", "Lock of the shelves",
     "shelf.lockDays decides when a shelf is closed. The default is 3; 0 turns the lock off."),
    ("LIB-21", "breaking", "Deprecate the old desk interface",
     "The old desk interface is deprecated and will be removed in Finch 9.0."),
    ("LIB-22", "improvement", "Send the list of new books on Friday",
     "Readers receive the new books of the next week on Friday."),
    ("LIB-23", "improvement", "Raise the number of loans from 20 to 35", ""),
    ("LIB-24", "improvement", "Turn off public reading lists by default",
     "Public lists are off unless lists.public is set."),
    ("LIB-25", "improvement", "Require a second signature for loans abroad", ""),
    ("LIB-26", "improvement", "Load the branch view in two steps", ""),
    ("LIB-27", "fix", "Filter ignores renamed shelves", ""),
    ("LIB-28", "fix", "Return of a torn book reshelves all volumes", ""),
    ("LIB-30", "feature", "Add card payment at the desk",
     "Fees can be paid by card at the desk. Copies still need coins."),
    ("LIB-31", "improvement", "Require a PIN for loans of the staff",
     "Staff need a PIN for their loans. Other readers are not affected."),
    ("LIB-32", "fix", "Closing days of the branch should take precedence", ""),
    ("LIB-33", "other", "Configure the site to send questions to Mattermost", ""),
    ("LIB-34", "fix", "Retry of a lost booking starts from the beginning", ""),
    ("LIB-37", "fix", "Hide 'Shelf plan' breaks the desk", ""),
    ("LIB-38", "feature", "Pack loan files",
     "pack.loans can be set to true to enable packing. It is disabled by default."),
    ("LIB-39", "feature", "Turn reminders off", "Reminders by text can now be turned off. They stay on by default."),
    ("LIB-40", "improvement", "Start shelfsync with several readers", ""),
    ("LIB-35", "improvement", "Loans to a closed branch are very slow", ""),
    ("LIB-36", "improvement", "Reader cards are too dark", ""),
    ("LIB-45", "fix", "Desk shows the volumes of the year at its start", ""),
    ("LIB-46", "improvement", "Sign readers out after 30 minutes without activity", ""),
    ("LIB-47", "fix", "A list cannot be copied to another shelf of the same branch", ""),
    ("LIB-29", "feature", "Validate shelf marks on creation and migrate old ones", ""),
]  # fmt: skip
FACTS = Facts.from_json({
    "product": {"key": "LIB", "name": "Finch"},
    "release": {"name": "8.1", "release_date": "2026-11-25"},
    "issues": [dict(zip(("key", "kind", "summary", "note"), issue, strict=True)) for issue in ISSUES],
})  # fmt: skip


def rules(text: str, *keys: str) -> set[str]:
    return {finding.rule for finding in grounding.checker(FACTS).check_sentence(Sentence(text, keys))}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Reader cards are no longer mistaken for staff cards.", "LIB-1"),
        ("The return slip no longer lacks the date of the loan.", "LIB-2"),
        ("An overdue notice no longer goes out a second time when a loan is extended.", "LIB-3"),
        ("Titles with a quote no longer break the export of the catalogue.", "LIB-4"),
        ("Scans larger than 3 gigabytes can now be fetched from the interface for readers.", "LIB-5"),
        ("The bundled barcode reader is now at 2.2.0.", "LIB-6"),
        ("The Fortran dependency was dropped as nothing used it.", "LIB-7"),
        ("A new command checks shelf lists without a connection.", "LIB-8"),
        ("A new command finds mistakes in shelf lists offline.", "LIB-8"),
        ("The loan period is set per branch. If nothing is configured, it is 28 days.", "LIB-9"),
        ("LoanDesk no longer crashes when a scanner drops its connection in the middle of a booking.", "LIB-10"),
        ("You can pause a reservation of a book; no fees are asked in that period.", "LIB-11"),
        ("Reservations of books can be paused, and films are excluded.", "LIB-11"),
        ("We closed a cross-site scripting hole in the notes of a reader.", "LIB-12"),
        ("A desk ticket becomes invalid after an hour.", "LIB-13"),
        ("Covers are no longer kept in memory by the lending desk.", "LIB-14"),
        ("Returning a book to another branch now invalidates the loan record as it should.", "LIB-15"),
        ("When you sort by year, the newest volume now comes first.", "LIB-16"),
        ("On the desk page you can see how long you wait for a shelf.", "LIB-17"),
        ("Two readers who ask for one copy can no longer lock up the desk.", "LIB-18"),
        ("Books that nobody has written are listed under the name unknown after the import.", "LIB-19"),
        ("Books nobody has are listed under the name unknown after the import.", "LIB-19"),
        ("The lock is off when shelf.lockDays is 0.", "LIB-20"),
        ("The old desk interface is deprecated; leave it before Finch 9.0, which will no longer have it.", "LIB-21"),
        ("Readers now receive the new books of the coming week on Friday.", "LIB-22"),
        ("Shelf marks are validated when they are created, and the old ones are migrated.", "LIB-29"),
        ("Fees can be paid by card at the desk; copies go on needing coins.", "LIB-30"),
        ("Staff need a PIN for their loans, which other readers do not.", "LIB-31"),
        ("Closing days of the branch now win.", "LIB-32"),
        ("Questions from the site are now sent to Mattermost.", "LIB-33"),
        ("Reservations of books can be paused by readers, films cannot.", "LIB-11"),
        ("Bookings that were lost no longer begin anew.", "LIB-34"),
        ("Hiding the shelf plan no longer breaks the desk.", "LIB-37"),
        ("Loan files can be packed; that is off unless you turn it on.", "LIB-38"),
        ("Nothing of a loan file is packed until you enable it.", "LIB-38"),
        ("Reminders by text can be turned off, and are on by default.", "LIB-39"),
        ("ShelfSync now starts with several readers.", "LIB-40"),
        ("Loans to a closed branch are no longer slow.", "LIB-35"),
        ("Reader cards are not too dark any more.", "LIB-36"),
        ("On its start the desk only shows the volumes of the week that you see.", "LIB-45"),
        ("Readers who are inactive are signed out after half an hour.", "LIB-46"),
        ("New shelf marks go through validation; a migration takes care of the old ones.", "LIB-29"),
    ],
)
def test_a_free_way_to_say_the_same_passes(text: str, key: str) -> None:
    assert rules(text, key) == set()


@pytest.mark.parametrize(
    ("text", "key", "rule"),
    [
        ("The bundled barcode reader has gone back from 2.2.0 to 2.1.4.", "LIB-6", "polarity"),
        ("A desk ticket becomes invalid after two hours.", "LIB-13", "number"),
        ("The branch view loads in two steps and is there in two seconds.", "LIB-26", "number"),
        ("The number of loans falls from 35 to 20.", "LIB-23", "polarity"),
        ("Public reading lists are on by default unless you switch them off.", "LIB-24", "polarity"),
        ("A second signature is optional for loans abroad.", "LIB-25", "mixed_up"),
        ("The filter now skips shelves that have been renamed.", "LIB-27", "polarity"),
        ("Returning a torn book puts all volumes back on the shelves.", "LIB-28", "polarity"),
        ("The return slip now has the date of the loan and the colophon.", "LIB-2", "cover"),
        ("The return slip now has the colophon or the date of the loan.", "LIB-2", "cover"),
        ("Reservations of films can now be paused by readers.", "LIB-11", "mixed_up"),
        ("Fees and copies can be paid by card at the desk.", "LIB-30", "mixed_up"),
        ("A PIN is needed for loans of all readers.", "LIB-31", "mixed_up"),
        ("Closing days of the region now win over those of the branch.", "LIB-32", "mixed_up"),
        ("Questions are now sent to Zulip instead of Mattermost.", "LIB-33", "polarity"),
        ("The desk page shows the shelf wait time, which helps teams plan their lunch.", "LIB-17", "cover"),
        ("The bundled barcode reader was updated to 2.2.0, and the scanners now beep.", "LIB-6", "cover"),
        ("Books without an author are deleted by the import.", "LIB-19", "claim"),
        ("How long books may be kept must be set per branch.", "LIB-9", "claim"),
        ("As requested by many of you, a command checks shelf lists offline.", "LIB-8", "claim"),
        ("Most customers check their shelf lists offline with the new command.", "LIB-8", "claim"),
        ("Hiding the shelf plan breaks the desk.", "LIB-37", "polarity"),
        ("Loan files are now packed by default.", "LIB-38", "polarity"),
        ("Packing of loan files is enabled by default.", "LIB-38", "polarity"),
        ("Reminders by text are now off by default.", "LIB-39", "polarity"),
        ("Loans to a closed branch are now slow.", "LIB-35", "polarity"),
        ("Lists can now be copied to the shelves of any branch.", "LIB-47", "mixed_up"),
        ("The return slip is now smaller and has the date of the loan.", "LIB-2", "claim"),
    ],
)
def test_a_near_way_to_say_another_thing_warns(text: str, key: str, rule: str) -> None:
    assert rule in rules(text, key)


@pytest.mark.parametrize(
    "alike",
    [
        "validate validated validation validator", "migrate migrating migration", "connect connected connection",
        "select selection", "translate translation", "move moved moving moves", "copy copied copies copying",
        "log logs logged logging", "decide decision", "include inclusion", "extend extension", "notify notification",
        "available availability", "describe description", "exceed exceeded", "create created creation", "apply applied",
    ],
)  # fmt: skip
def test_a_verb_and_its_noun_have_one_stem(alike: str) -> None:
    assert len({stems.stem(word) for word in alike.split()}) == 1


@pytest.mark.parametrize("apart", ["version convert", "station state", "repeat repe", "action act", "set settings"])
def test_words_that_only_look_alike_keep_their_stems(apart: str) -> None:
    assert len({stems.stem(word) for word in apart.split()}) == 2


@pytest.mark.parametrize(("text", "promise"), [
    ("Upper and lower case no longer matter in shelf marks.", False), ("The lower left corner shows it.", False),
    ("A lower fee is asked.", True),
])  # fmt: skip
def test_lower_is_a_promise_only_where_something_gets_less(text: str, promise: bool) -> None:
    assert bool(promises.claims(text)) is promise


def test_an_hour_and_half_an_hour_are_measures() -> None:
    assert dict(figures.spans_of_one("an hour"))["hour"] == figures.quantity("60", "minutes")
    assert dict(figures.spans_of_one("half an hour"))["half"] == figures.quantity("30", "min")


@pytest.mark.parametrize(
    ("summary", "kind", "wish"),
    [
        ("Log view keeps every line", "improvement", False),
        ("Sorting by year puts old volumes first", "fix", False),
        ("Hide 'Shelf plan' breaks the desk", "fix", False),
        ("Delete reader throws an error", "fix", False),
        ("Show a reader which import fails", "improvement", True),
        ("Show the wait time", "improvement", True),
        ("Show wait time on the page", "improvement", True),
    ],
)
def test_a_summary_asks_for_something_or_tells_how_things_are(summary: str, kind: str, wish: bool) -> None:
    assert summaries.is_wish(summary) is wish
    assert not (wish and summaries.may_be_fault(summary, kind=kind))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Before this release, exports stopped at the first empty line", -1),
        ("Exports do not work before this version", 1),
        ("Replace the old key before this release", 1),
        ("Before this release, replace the old key", 1),
        ("Please do not replace the old key before this version", -1),
        ("You must not replace the old key before this update", -1),
        ("Old keys have to be renewed before this version", 1),
        ("Keys will be renewed before this release", 1),
    ],
)
def test_before_this_release_is_formerly_in_what_is_told_and_a_time_limit_in_what_is_asked(
    text: str, told: int
) -> None:
    # "Stopped" alone is no word that turns a statement: it is said of how it was.
    assert signs.sign(text) == told


def test_a_step_is_not_turned_round_by_the_words_that_say_until_when() -> None:
    note = "The old key stays valid for a month. Do not replace the old key before this release."
    known = Facts.from_json({
        "product": {"key": "OAK", "name": "Oak"}, "release": {"name": "2.4", "release_date": "2026-11-25"},
        "issues": [{"key": "OAK-1", "kind": "breaking", "summary": "New key for signatures", "note": note}],
    })  # fmt: skip
    judge = grounding.Checker(known)

    def rules(text: str) -> list[str]:
        return [finding.rule for finding in judge.check_sentence(Sentence(text, ("OAK-1",)), block="action")]

    assert rules("Do not replace the old key before this release.") == []
    assert rules("Replace the old key before this release.") == ["polarity"]


MULTIPLES = [
    ("Exports are three times faster.", "Three ways to make exports faster", False),
    ("Exports are 3 times faster.", "3 ways to make exports faster", False),
    ("Exports are twice as fast.", "Exports that were sent twice are faster", False),
    ("Exports are ten times as fast.", "Make the ten largest exports faster", False),
    ("Exports are tenfold faster.", "Make the ten largest exports faster", False),
    ("Exports need half the memory.", "Exports of the second half of a year need less memory than before", False),
    ("Exports can be three times as large.", "Raise the limit of exports from 20 to 40 MB", False),
    ("Exports can be twice as large.", "Raise the limit of exports from 20 to 40 MB", True),
    ("Exports can be twice as large.", "Double the limit of exports", True),
    ("Exports are three times faster.", "Exports should be three times as fast", True),
    ("Exports are three times faster.", "Make exports faster threefold", True),
    ("Exports need half the memory.", "Halve the memory of exports", True),
    ("Exports are retried three times.", "Retry exports three times", True),
]


@pytest.mark.parametrize(("text", "summary", "right"), MULTIPLES)
def test_a_number_beside_another_noun_bears_out_no_multiple(text: str, summary: str, right: bool) -> None:
    known = Facts.from_json({
        "product": {"key": "OAK", "name": "Oak"}, "release": {"name": "2.4", "release_date": "2026-11-25"},
        "issues": [{"key": "OAK-1", "kind": "improvement", "summary": summary}],
    })  # fmt: skip
    found = [one.rule for one in grounding.Checker(known).check_sentence(Sentence(text, ("OAK-1",)))]
    assert ("number" in found) is not right
