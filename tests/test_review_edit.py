"""Editing: nobody's words are overwritten or lost, whoever saves first."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from campaigns.drafting.selectors import text_of
from campaigns.drafting.text import BLOCK_KINDS, Block, DraftText, Sentence, TextProblem
from campaigns.models import CampaignEmail, Comment
from campaigns.review import diff, rendition, selectors, services
from campaigns.review.refusals import EditConflict, Locked, ReviewRefused
from campaigns.review.typed import Typed, typed_of
from tests import factories
from tests.factories import NOW


@pytest.fixture
def email(db: None) -> CampaignEmail:
    """A drafted e-mail with one revision."""
    email = factories.make_email(state="drafted")
    factories.make_revision(email)
    return email


def text(subject: str) -> DraftText:
    made: DraftText = factories.make_draft(subject=subject)
    return made


def save(email: CampaignEmail, by: Any, subject: str, based_on: int, now: dt.datetime = NOW) -> Any:
    return services.edit(email=email, text=text(subject), based_on=based_on, by=by, now=now)


def test_an_edit_is_the_next_revision_with_its_author(email: CampaignEmail, marketer: Any) -> None:
    revision = save(email, marketer, "Kite 2.4.0 comes on 25 November", 1)
    assert (revision.number, revision.author, revision.drafter) == (2, marketer, "")
    assert email.state == "drafted"


def test_a_text_based_on_an_older_revision_is_refused_and_names_the_newer(email: CampaignEmail, marketer: Any) -> None:
    other = factories.make_user("Marketer")
    newer = save(email, other, "Kite 2.4.0: what is new", 1)
    with pytest.raises(EditConflict) as conflict:
        save(email, marketer, "Kite 2.4.0 comes soon to you", 1)
    assert conflict.value.newer == newer
    assert other.get_username() in str(conflict.value)
    assert email.revisions.count() == 2
    assert save(email, marketer, "Kite 2.4.0 comes soon to you", 2).number == 3


def test_an_editor_who_changed_nothing_has_no_conflict(email: CampaignEmail, marketer: Any) -> None:
    newer = save(email, factories.make_user("Marketer"), "Kite 2.4.0: what is new", 1)
    assert services.edit(email=email, text=factories.make_draft(), based_on=1, by=marketer, now=NOW) == newer
    assert email.revisions.count() == 2


def test_the_same_change_by_two_people_is_no_conflict(email: CampaignEmail, marketer: Any) -> None:
    newer = save(email, factories.make_user("Marketer"), "Kite 2.4.0: what is new", 1)
    assert save(email, marketer, "Kite 2.4.0: what is new", 1) == newer


@pytest.mark.parametrize("state", ["planned", "sending", "paused", "sent", "cancelled"])
def test_what_is_out_or_not_yet_drafted_is_not_edited(email: CampaignEmail, marketer: Any, state: str) -> None:
    CampaignEmail.objects.filter(pk=email.pk).update(state=state)
    with pytest.raises(ReviewRefused):
        save(email, marketer, "Another subject for this mail", 1)
    assert email.revisions.count() == 1


@pytest.mark.parametrize("state", ["drafted", "needs_changes", "held"])
def test_an_edit_leaves_these_states_as_they_are(email: CampaignEmail, marketer: Any, state: str) -> None:
    CampaignEmail.objects.filter(pk=email.pk).update(state=state)
    save(email, marketer, "Another subject for this mail", 1)
    assert email.state == state
    assert email.revisions.count() == 2


def test_an_operator_may_not_edit(email: CampaignEmail, operator: Any) -> None:
    with pytest.raises(PermissionDenied):
        save(email, operator, "Another subject for this mail", 1)


def test_a_text_in_review_is_changed_only_by_taking_it_out_of_the_reviewers_hands(
    email: CampaignEmail, marketer: Any, release_manager: Any
) -> None:
    services.submit(email=email, by=marketer, now=NOW)
    services.looked_at(email=email, revision=email.revisions.get(), by=release_manager, now=NOW)
    services.looked_at(email=email, revision=email.revisions.get(), by=factories.make_user("Marketer"), now=NOW)
    newer = text("Kite 2.4.0 arrives on 25 November")
    with pytest.raises(Locked, match=f"in review: {release_manager} has read this text"):
        services.edit(email=email, text=newer, based_on=1, by=marketer, now=NOW)
    email.refresh_from_db()
    assert (email.state, email.revisions.count()) == ("in_review", 1)
    services.edit(email=email, text=factories.make_draft(), based_on=1, by=marketer, now=NOW)  # says the same
    services.edit(email=email, text=newer, based_on=1, take_over=True, by=marketer, now=NOW)
    assert email.state == "drafted"
    assert email.transitions.latest("pk").why.startswith("Taken back from review: revision 2")


# --- the order of blocks ---

OWN = ("intro", "highlights", "breaking", "fixes", "action", "problems", "closing")
MOVED = ("intro", "fixes", "highlights", "breaking", "action", "problems", "closing")


def arrange(email: CampaignEmail, by: Any, order: tuple[str, ...], based_on: int = 1, **more: Any) -> Any:
    return services.edit(email=email, text=factories.make_draft(order=order), based_on=based_on, by=by, now=NOW, **more)


@pytest.mark.parametrize("role", ["Marketer", "Release manager"])
def test_moving_a_block_is_the_next_revision_and_the_mail_shows_it(email: CampaignEmail, role: str) -> None:
    person = factories.make_user(role)
    revision = arrange(email, person, MOVED)
    assert (revision.number, revision.author, tuple(revision.order)) == (2, person, MOVED)
    mail = rendition.build(email=email, revision=revision).text
    assert mail.index("Files over 2 GB") < mail.index("Calendars can now")
    changed = [part for part in diff.compare(factories.make_draft(), text_of(revision)) if part.changed]
    assert [part.part for part in changed] == ["order"]


def test_moving_a_block_voids_an_approval_and_moving_it_back_before_saving_does_not(
    marketer: Any, release_manager: Any
) -> None:
    email = factories.make_approved_email()
    assert arrange(email, marketer, OWN).number == 1  # as the template has them: nothing was moved
    assert email.state == "approved"
    assert arrange(email, marketer, MOVED).number == 2
    assert email.state == "drafted"
    assert selectors.valid_approval(email) is None


def test_who_may_not_edit_moves_no_block_and_nobody_moves_one_unseen(email: CampaignEmail, marketer: Any) -> None:
    with pytest.raises(PermissionDenied):
        arrange(email, factories.make_user("Operator"), MOVED)
    services.submit(email=email, by=marketer, now=NOW)
    with pytest.raises(Locked):
        arrange(email, marketer, MOVED)
    assert arrange(email, marketer, MOVED, take_over=True).number == 2
    with pytest.raises(EditConflict):
        arrange(email, marketer, ("intro", "closing", "highlights", "breaking", "fixes", "action"))
    CampaignEmail.objects.filter(pk=email.pk).update(state="sent")
    with pytest.raises(ReviewRefused):
        arrange(email, marketer, OWN, based_on=2)


def test_a_block_that_was_taken_out_or_moved_is_put_back_from_the_history(email: CampaignEmail, marketer: Any) -> None:
    without = factories.make_draft(order=MOVED).with_block("fixes", ())
    services.edit(email=email, text=without, based_on=1, by=marketer, now=NOW)
    again = services.put_back(email=email, number=1, based_on=2, by=marketer, now=NOW)
    assert text_of(again) == factories.make_draft()


def test_the_introduction_stays_where_the_greeting_is(email: CampaignEmail, marketer: Any) -> None:
    revision = arrange(email, marketer, ("highlights", "intro", "breaking", "fixes", "action", "closing"))
    assert revision.number == 1


@pytest.mark.parametrize("order", ["intro", ["nonsense"], ["fixes", "fixes"], [["fixes"]], 7])
def test_an_order_that_is_none_is_refused(order: Any) -> None:
    with pytest.raises(TextProblem, match="order"):
        DraftText.from_json({"subject": "A subject", "preheader": "", "blocks": [], "order": order})


@pytest.mark.parametrize(
    ("asked", "order", "fixes"),
    [
        ("up fixes", ("intro", "highlights", "fixes", "breaking", "action", "problems", "closing"), True),
        ("down fixes", ("intro", "highlights", "breaking", "action", "fixes", "problems", "closing"), True),
        ("delete fixes", (), False),
    ],
)
def test_without_scripts_a_block_moves_or_goes_as_soon_as_it_is_asked(
    email: CampaignEmail, sign_in: Any, asked: str, order: tuple[str, ...], fixes: bool
) -> None:
    browser = sign_in("Marketer")
    fields = typed_of(email, email.revisions.get()).to_json()
    browser.post(reverse("review:edit", args=[email.pk]), {**fields, "based_on": "1", "arrange": asked})
    saved = text_of(email.revisions.get(number=2))
    assert (saved.order, bool(saved.block("fixes"))) == (order, fixes)


@pytest.mark.parametrize(
    "asked", ["up intro", "down action", "up closing", "sideways fixes", "up nonsense", "delete", "x"]
)
def test_what_cannot_be_moved_or_is_no_block_changes_nothing(email: CampaignEmail, sign_in: Any, asked: str) -> None:
    fields = typed_of(email, email.revisions.get()).to_json()
    address = reverse("review:edit", args=[email.pk])
    answer = sign_in("Marketer").post(address, {**fields, "based_on": "1", "arrange": asked}, follow=True)
    assert "Nothing changed, nothing was saved." in answer.text
    assert email.revisions.count() == 1


def test_parts_that_were_not_touched_are_those_of_the_newer_text() -> None:
    opened = Typed.of(factories.make_draft(), 1, OWN)
    theirs = Typed.of(factories.make_draft(subject="Theirs").with_block("fixes", ()), 2, MOVED)
    mine = Typed.from_form({**opened.to_json(), "preheader": "Mine.", "based_on": "1"})
    both = mine.on_top_of(theirs, opened)
    assert (both.subject, both.preheader, both.blocks["fixes"], both.based_on) == ("Theirs", "Mine.", "", 2)
    assert both.order == ",".join(MOVED)
    assert mine.on_top_of(theirs, None) == Typed(mine.subject, mine.preheader, mine.blocks, 2, mine.ordered)


# A tab from before blocks could move, or a script of somebody's own: its form has the fields and no order.


def without_an_order(email: CampaignEmail, **more: str) -> dict[str, str]:
    fields = typed_of(email, email.revisions.get(number=1)).to_json()
    del fields["order"]
    return {**fields, **more}


def test_a_form_that_says_no_order_leaves_the_blocks_where_they_are(
    email: CampaignEmail, marketer: Any, sign_in: Any
) -> None:
    arrange(email, marketer, MOVED)
    browser, address = sign_in("Marketer"), reverse("review:edit", args=[email.pk])
    browser.post(address, without_an_order(email, based_on="2"))
    assert email.revisions.count() == 2
    browser.post(address, without_an_order(email, based_on="2", subject="Kite 2.4.0 arrives on 25 November"))
    saved = text_of(email.revisions.get(number=3))
    assert (saved.subject, saved.order) == ("Kite 2.4.0 arrives on 25 November", MOVED)


def test_a_form_without_an_order_does_not_undo_a_move_that_it_never_saw(
    email: CampaignEmail, marketer: Any, sign_in: Any
) -> None:
    arrange(email, marketer, MOVED)
    browser, address = sign_in("Marketer"), reverse("review:edit", args=[email.pk])
    browser.post(address, without_an_order(email, based_on="1"))
    assert email.revisions.count() == 2
    typed = without_an_order(email, based_on="1", subject="Kite 2.4.0 arrives on 25 November")
    answer = browser.post(address, typed)
    assert answer.status_code == 422
    assert f'name="order" id="edit-order" value="{",".join(MOVED)}"' in answer.text


def test_another_wording_for_a_form_without_an_order_moves_nothing(
    email: CampaignEmail, marketer: Any, sign_in: Any
) -> None:
    arrange(email, marketer, MOVED)
    typed = without_an_order(email, based_on="2", block="fixes")
    answer = sign_in("Marketer").post(reverse("review:redraft", args=[email.pk]), typed)
    assert f'name="order" id="edit-order" value="{",".join(MOVED)}"' in answer.text


def test_what_was_typed_without_an_order_is_shown_in_that_of_the_text(
    email: CampaignEmail, marketer: Any, sign_in: Any
) -> None:
    arrange(email, marketer, MOVED)
    browser = sign_in("Marketer")
    browser.post(reverse("review:keep", args=[email.pk]), without_an_order(email, based_on="2"))
    shown, typed = (
        browser.get(reverse("review:preview", args=[email.pk]), asked).text for asked in ({}, {"typed": "1"})
    )
    assert typed == shown


# --- locks ---


def test_while_one_writes_the_other_is_told_and_may_take_over(email: CampaignEmail, marketer: Any) -> None:
    other = factories.make_user("Marketer", first_name="Otto", last_name="Berger")
    services.take_lock(email=email, by=other, now=NOW)
    with pytest.raises(Locked, match="Otto Berger is editing it until 10:05 CET"):
        services.take_lock(email=email, by=marketer, now=NOW)
    with pytest.raises(Locked):
        save(email, marketer, "Kite 2.4.0 arrives on 25 November", 1)
    services.take_lock(email=email, take_over=True, by=marketer, now=NOW)
    save(email, marketer, "Kite 2.4.0 arrives on 25 November", 1)
    services.release_lock(email=email, by=marketer)
    services.take_lock(email=email, by=other, now=NOW)


def test_a_lock_runs_out(email: CampaignEmail, marketer: Any) -> None:
    services.take_lock(email=email, by=factories.make_user("Marketer"), now=NOW)
    later = NOW + dt.timedelta(minutes=5, seconds=1)
    assert save(email, marketer, "Kite 2.4.0 arrives on 25 November", 1, later).number == 2


def test_submitting_gives_back_the_lock_of_the_submitter_and_of_nobody_else(
    email: CampaignEmail, marketer: Any
) -> None:
    other = factories.make_user("Marketer")
    for holder, left in ((marketer, None), (other, other)):
        CampaignEmail.objects.filter(pk=email.pk).update(state="drafted")
        services.take_lock(email=email, take_over=True, by=holder, now=NOW)
        services.submit(email=email, by=marketer, now=NOW)
        assert (email.state, email.locked_by, email.locked_until is None) == ("in_review", left, left is None)


# --- comments ---


def test_a_comment_is_resolved_and_opened_again(email: CampaignEmail, marketer: Any, release_manager: Any) -> None:
    said = services.comment(email=email, body=" Is this true? ", block="highlights", by=marketer, now=NOW)
    assert (said.body, said.block, said.revision) == ("Is this true?", "highlights", email.revisions.get())
    services.resolve_comment(comment=said, by=release_manager, now=NOW)
    assert (said.resolved_by, said.resolved_at) == (release_manager, NOW)
    services.resolve_comment(comment=said, by=marketer, now=NOW)
    assert said.resolved_by == release_manager
    services.reopen_comment(comment=said, by=marketer, now=NOW)
    assert said.resolved_at is None


@pytest.mark.parametrize(("body", "block"), [("  ", ""), ("x" * 5001, ""), ("Fine.", "nowhere")])
def test_a_comment_that_says_nothing_or_too_much_is_refused(
    email: CampaignEmail, marketer: Any, body: str, block: str
) -> None:
    with pytest.raises(ReviewRefused):
        services.comment(email=email, body=body, block=block, by=marketer, now=NOW)
    assert not Comment.objects.exists()


# --- what was typed ---

words = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=60).map(str.strip).filter(bool)
keys = st.lists(st.sampled_from(["KITE-1", "KITE-2", "AB_C-10"]), max_size=3, unique=True).map(tuple)
sentences = st.lists(st.builds(Sentence, words, keys).filter(lambda s: s.text), min_size=1, max_size=4).map(tuple)
blocks = st.dictionaries(st.sampled_from(BLOCK_KINDS), sentences, max_size=6).map(
    lambda found: tuple(Block(kind, found[kind]) for kind in BLOCK_KINDS if kind in found)
)


@given(blocks)
def test_what_the_editor_shows_is_read_back_as_the_same_text(made: tuple[Block, ...]) -> None:
    original = DraftText("A subject", "A preheader", made)
    assert Typed.of(original, 1).text() == original


def test_a_form_is_read_whatever_is_missing_or_wrong_in_it() -> None:
    typed = Typed.from_form({"subject": "A subject", "based_on": "²"})
    assert typed.based_on == 0
    assert typed.text() == DraftText("A subject", "", ())


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"subject": ""}, "subject is empty"),
        ({"subject": "S", "block-intro": "x" * 1001}, "Introduction: line 1 is longer"),
        ({"subject": "S", "block-fixes": "\n".join(["Fixed."] * 101)}, "more than 100 sentences"),
        ({"subject": "S", "block-fixes": "[KITE-1]"}, "says nothing"),
        ({"subject": "S", "block-intro": "word " * 40_000}, "Introduction: line 1 is longer"),
    ],
)
def test_what_cannot_be_read_is_named(form: dict[str, str], said: str) -> None:
    with pytest.raises(TextProblem, match=said):
        Typed.from_form(form).text()


# --- differences ---


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_difference_holds_both_texts_whole(before: str, after: str) -> None:
    runs = diff.words(before, after)
    assert "".join(run.text for run in runs if run.kind != diff.ADDED) == before
    assert "".join(run.text for run in runs if run.kind != diff.REMOVED) == after


def test_a_difference_is_word_by_word_and_shows_changed_sources() -> None:
    runs = diff.words("Files can be sent. [KITE-1]", "Files may be sent. [KITE-2]")
    assert [(run.kind, run.text) for run in runs if run.kind != diff.SAME] == [
        ("removed", "can"), ("added", "may"), ("removed", "KITE-1"), ("added", "KITE-2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("4.2.0", "4.3.0"), ("v4.2.0-rc.1", "v4.2.0-rc.2"), ("HARBOR-1202", "HARBOR-1239"), ("1,204", "1,180"),
        ("2026-11-25", "2026-11-26"), ("10:00", "10:30"), ("99.5", "99.9"), ("2GB", "3GB"),
        ("https://kite.example/a/1?x=2", "https://kite.example/a/2?x=2"),
        ("help@kite.example", "help@kite.example.com"), ("{{first_name}}", "{{last_name}}"),
    ],
)  # fmt: skip
def test_a_difference_cuts_nothing_in_two_that_is_one_to_a_reader(before: str, after: str) -> None:
    runs = diff.words(f"See ({before}), please.", f"See ({after}), please.")
    assert [(run.kind, run.text) for run in runs] == [
        ("same", "See ("), ("removed", before), ("added", after), ("same", "), please."),
    ]  # fmt: skip


def test_words_with_a_hyphen_and_the_end_of_a_sentence_are_told_apart() -> None:
    assert [run.text for run in diff.words("A well-known bug in 4.2.", "A little-known bug in 4.2!")] == [
        "A ", "well", "little", "-known bug in 4.2", ".", "!",
    ]  # fmt: skip


def test_an_excerpt_shows_what_changed_with_its_neighbours_alone() -> None:
    before = f"{'start ' * 50}Files can be sent. {'between ' * 50}They are kept. {'end ' * 50}"
    after = before.replace("can be", "may be").replace("kept", "deleted")
    shown = diff.excerpt(diff.words(before, after), around=20)
    assert [run for run in shown if run.kind != diff.SAME] == [
        run for run in diff.words(before, after) if run.kind != diff.SAME
    ]
    same = [run.text for run in shown if run.kind == diff.SAME]
    assert [len(text) for text in same] == [22, 43, 22]
    assert same[0].endswith("Files ") and same[1].startswith(" be sent.") and " … " in same[1]
    assert diff.excerpt(diff.words("Files can be sent.", "Files may be sent."))[0].text == "Files "


def test_a_pasted_book_does_not_hold_up_the_page() -> None:
    book = "\n".join(f"Sentence number {n} says something." for n in range(5000))
    changed = book.replace("number 77 ", "number 78 ")
    started = dt.datetime.now(dt.UTC)
    assert any(run.kind == diff.REMOVED for run in diff.words(book, changed))
    assert dt.datetime.now(dt.UTC) - started < dt.timedelta(seconds=2)


def test_a_lock_given_back_while_it_is_asked_for_is_taken(
    email: CampaignEmail, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ben = factories.make_user("Marketer"), factories.make_user("Marketer")
    services.take_lock(email=email, by=ada, now=NOW)
    read = CampaignEmail.refresh_from_db

    def given_back_first(row: CampaignEmail, *args: Any, **named: Any) -> None:
        services.release_lock(email=row, by=ada)
        read(row, *args, **named)

    monkeypatch.setattr(CampaignEmail, "refresh_from_db", given_back_first)
    services.take_lock(email=email, by=ben, now=NOW)
    assert email.locked_by == ben
