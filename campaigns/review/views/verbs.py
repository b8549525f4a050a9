"""What is done: a form comes in, one service is called, the page goes out again."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_POST

from campaigns import states
from campaigns.drafting import services as drafting
from campaigns.drafting.models import spoken_drafter
from campaigns.drafting.selectors import current_revision, text_of
from campaigns.drafting.services import DraftRefused
from campaigns.drafting.text import TextProblem, to_lines
from campaigns.permissions import require
from campaigns.planning.models import CampaignEmail
from campaigns.planning.services import PlanRefused
from campaigns.review import actions, diff, mentions, rendition, services
from campaigns.review import desk as desks
from campaigns.review.desk import Desk
from campaigns.review.models import Comment
from campaigns.review.refusals import EditConflict, Locked, NotSaved, ReviewRefused
from campaigns.review.seen import Seen
from campaigns.review.typed import LABELS, Typed, typed_of, typed_on
from campaigns.review.views.page import VIEW, found, show

_REFUSALS = (ReviewRefused, states.MoveRefused, DraftRefused, TextProblem, PlanRefused)


def carry_out(
    request: HttpRequest,
    pk: int,
    act: Callable[[CampaignEmail], Any],
    said: str | Callable[[], str],
    *,
    kept: dict[str, Any] | None = None,
) -> HttpResponse:
    """Call a verb and say what came of it: a sentence, or what one is made of once it is done.

    When it refuses, the page comes back with the reason and with what was typed (`kept`).
    """
    require(request.user, VIEW)
    email = found(pk)
    try:
        act(email)
    except _REFUSALS as refusal:
        return refused(request, pk, refusal, kept or {})
    return done(request, pk, said if isinstance(said, str) else said())


def done(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    """The page after a verb, with a sentence about what came of it."""
    if getattr(request, "htmx", False):
        response = show(request, _desk(request, pk))
        response["HX-Trigger"] = json.dumps({"relmail:tell": {"text": sentence, "tone": "success"}})
        return response
    messages.success(request, sentence)
    return redirect("review:email", pk=pk)


def refused(request: HttpRequest, pk: int, refusal: Exception, kept: dict[str, Any]) -> HttpResponse:
    """The page with the reason, above which the page itself says that nothing was changed."""
    why = str(refusal).replace(" Nothing was changed.", "")
    response = show(request, _desk(request, pk), status=422, problem=why, **kept)
    if getattr(request, "htmx", False):
        response["HX-Trigger"] = json.dumps({"relmail:tell": {"text": str(refusal), "tone": "danger"}})
    return response


def _desk(request: HttpRequest, pk: int) -> Desk:
    # Read again: the verb changed it, or somebody else did.
    return Desk(desks.open_email(pk), request.user, timezone.now(), reader=request.POST.get("as", ""))


@require_POST
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Save the text. A conflict shows both texts and keeps what was typed."""
    email, now = found(pk), timezone.now()
    typed = typed_on(email, request.POST)
    if asked := request.POST.get("arrange", ""):  # the page does it by itself, and shows it before it is saved
        typed = typed.rearranged(*asked.partition(" ")[::2])
    try:
        take_over = bool(request.POST.get("take_over"))
        if take_over:
            services.take_lock(email=email, take_over=True, by=request.user, now=now)
        text = typed.text()
        saved = services.edit(
            email=email, text=text, based_on=typed.based_on, take_over=take_over, by=request.user, now=now
        )
    except EditConflict as conflict:
        # Saved once more, the typed text goes on top of the newer one, knowingly; what was not touched is theirs.
        opened = email.revisions.filter(number=typed.based_on).first()
        mine = typed.on_top_of(typed_of(email, conflict.newer), typed_of(email, opened) if opened else None)
        with contextlib.suppress(TextProblem):  # both together may be too long for one mail; saving will say so
            text = rendition.in_places(email, mine.text())
        kept = {
            "typed": mine,
            "conflict": conflict.newer,
            "conflict_diff": [part for part in diff.compare(text_of(conflict.newer), text) if part.changed],
            "editing": True,
        }
        with contextlib.suppress(ReviewRefused):  # too long to be kept: it stands in the fields
            services.keep_text(email=email, typed=mine, by=request.user, now=now)
        return refused(request, pk, conflict, kept)
    except Locked as refusal:
        return refused(request, pk, refusal, {"typed": typed, "editing": True, "locked": True})
    except _REFUSALS as refusal:
        return refused(request, pk, refusal, {"typed": typed, "editing": True})
    services.release_lock(email=email, by=request.user)
    services.forget_text(email=email, by=request.user)
    same = saved.number == typed.based_on
    said = "Nothing changed, nothing was saved." if same else f"Saved as revision {saved.number}."
    return done(request, pk, said)


@require_POST
def redraft(request: HttpRequest, pk: int) -> HttpResponse:
    """Another wording of one part, put into its field beside what else was typed. Nothing is saved."""
    email, by, now = found(pk), request.user, timezone.now()
    typed, kind = typed_on(email, request.POST), request.POST.get("block", "")
    line = kind in ("subject", "preheader")
    proposed: drafting.LineProposal | drafting.BlockProposal
    try:
        if line:
            proposed = drafting.redraft_line(email=email, part=kind, by=by, now=now)
            lines = proposed.words
        else:
            proposed = drafting.redraft_block(email=email, block=kind, by=by, now=now)
            lines = to_lines(proposed.sentences)
    except DraftRefused as refusal:
        answer = refused(request, pk, refusal, {"typed": typed, "editing": True})
        answer["HX-Retarget"] = "#desk"  # the form asked for its field alone; this is the whole desk
        return answer
    drafter = spoken_drafter(proposed.drafter)
    before = typed.to_json()[kind if line else f"block-{kind}"]
    proposal = {"kind": kind, "drafter": drafter, "why": proposed.why, "before": before}
    if getattr(request, "htmx", False):
        context = {
            "email": email, "kind": kind, "label": LABELS[kind], "lines": lines, "proposal": proposal,
            "is_block": not line, "locked": actions.locked_by_another(email, request.user, timezone.now()),
        }  # fmt: skip
        return render(request, "review/parts/field.html", context)
    if kind == "subject":
        typed = replace(typed, subject=lines)
    elif line:
        typed = replace(typed, preheader=lines)
    else:
        typed = replace(typed, blocks={**typed.blocks, kind: lines})
    return show(request, _desk(request, pk), typed=typed, editing=True, proposal=proposal)


@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand over for approval. What was typed and not saved is put into the fields and asked about first."""
    note, asked = request.POST.get("note", ""), request.POST.get("without", "")
    kept: dict[str, Any] = {"note": note}

    def act(email: CampaignEmail) -> None:
        try:
            services.submit(
                email=email, note=note, based_on=Typed.from_form(request.POST).based_on, without_typed=bool(asked),
                by=request.user, now=timezone.now(),
            )  # fmt: skip
        except NotSaved as refusal:
            kept.update(typed=refusal.typed, editing=True, not_saved=True)
            raise

    return carry_out(request, pk, act, _told("Submitted for review.", note), kept=kept)


@require_POST
def request_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no, with a comment."""
    comment = request.POST.get("comment", "")
    return carry_out(
        request, pk,
        lambda email: services.request_changes(
            email=email, comment=comment, based_on=Typed.from_form(request.POST).based_on, by=request.user,
            now=timezone.now(),
        ),
        _told("Changes requested.", comment), kept={"decision_comment": comment},
    )  # fmt: skip


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Say yes to what the form says was seen."""
    comment = request.POST.get("comment", "")
    return carry_out(
        request, pk,
        lambda email: services.approve(
            email=email, seen=Seen.from_form(request.POST), ticked=request.POST.getlist("ticked"),
            comment=comment, by=request.user, now=timezone.now(),
        ),
        "Approved. It goes out at its time, exactly as shown.", kept={"decision_comment": comment},
    )  # fmt: skip


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an approval or a submission."""
    said = ["Taken back."]

    def act(email: CampaignEmail) -> None:
        services.withdraw(
            email=email, based_on=Typed.from_form(request.POST).based_on, by=request.user, now=timezone.now()
        )
        said.append(actions.after_withdrawing(email))

    return carry_out(request, pk, act, lambda: " ".join(said))


@require_POST
def waive(request: HttpRequest, pk: int) -> HttpResponse:
    """Let what is ticked pass with a reason."""
    ticked, reason = request.POST.getlist("fingerprint"), request.POST.get("reason", "")
    return carry_out(
        request, pk,
        lambda email: services.waive(
            email=email, fingerprints=ticked, reason=reason, by=request.user, now=timezone.now()
        ),
        "Waived. The reason is kept.", kept={"waiving": ticked, "waive_reason": reason},
    )  # fmt: skip


@require_POST
def send_test_to_seeds(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test to the seed list."""
    return carry_out(
        request, pk,
        lambda email: services.send_test_to_seeds(
            email=email, contact=desks.reader_of(email, request.POST.get("as", "")), by=request.user,
            now=timezone.now(),
        ),
        "The test is on its way to the seed list.",
    )  # fmt: skip


@require_POST
def send_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test to a colleague."""
    to = request.POST.get("to", "")
    return carry_out(
        request, pk,
        lambda email: services.send_test(
            email=email, to=to, contact=desks.reader_of(email, request.POST.get("as", "")), by=request.user,
            now=timezone.now(),
        ),
        f"The test is on its way to {to.strip()}.", kept={"test_to": to},
    )  # fmt: skip


@require_POST
def lock(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell others that this person is writing; asked when the editor gets the focus, and as long as it has it.

    `look` takes no lock: somebody has typed and looks elsewhere, and still wants to hear what others do.
    """
    return held(request, found(pk), take=not request.POST.get("look"))


def held(request: HttpRequest, email: CampaignEmail, *, take: bool = True) -> HttpResponse:
    """Take or prolong the lock. When another person has it, the answer says who, and nothing is taken from them.

    Who takes a text over gives the lock back by saving, within one request: of that tells the newer revision alone.
    """
    response = HttpResponse(status=204)
    held_by_another = not take and actions.locked_by_another(email, request.user, timezone.now())
    if take:
        try:
            services.take_lock(email=email, by=request.user, now=timezone.now())
        except Locked:
            held_by_another = True
    if held_by_another and email.locked_by is not None:
        # The page says it once, whichever of its questions is answered so.
        response["X-Held-By"] = quote(email.locked_by.get_full_name() or str(email.locked_by))
    opened, newest = Typed.from_form(request.POST).based_on, current_revision(email)
    if opened and newest and newest.number > opened:
        who = newest.author or capfirst(newest.drafted_by)
        response["X-Newer"] = quote(f"{who} saved revision {newest.number}")
    return response


@require_POST
def put_back(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Make an earlier revision the newest text again."""
    based_on = Typed.from_form(request.POST).based_on
    return carry_out(
        request, pk,
        lambda email: services.put_back(
            email=email, number=number, based_on=based_on, take_over=bool(request.POST.get("take_over")),
            by=request.user, now=timezone.now(),
        ),
        f"The words of revision {number} are the newest text.",
    )  # fmt: skip


@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something."""
    body, block = request.POST.get("body", ""), request.POST.get("block", "")
    return carry_out(
        request, pk,
        lambda email: services.comment(email=email, body=body, block=block, by=request.user, now=timezone.now()),
        _told("Comment saved.", body), kept={"comment_body": body},
    )  # fmt: skip


@require_POST
def answer(request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
    """Answer a comment, in its thread."""
    row = get_object_or_404(Comment.objects.select_related("parent"), pk=comment_pk, email_id=pk)
    body = request.POST.get("body", "")
    return carry_out(
        request, pk,
        lambda email: services.comment(email=email, body=body, answers=row, by=request.user, now=timezone.now()),
        _told("Answer saved.", body), kept={"answering": row.pk, "answer_body": body},
    )  # fmt: skip


def _told(said: str, body: str) -> str:
    """What was done, and which names in it reach nobody."""
    names = mentions.unknown(body)
    if not names:
        return said
    return f"{said} Nobody who works on e-mails is called {' or '.join('@' + name for name in names)}: not told."


@require_POST
def resolve_comment(request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
    """Mark a comment as dealt with."""
    row = get_object_or_404(Comment, pk=comment_pk, email_id=pk)
    return carry_out(
        request, pk, lambda _: services.resolve_comment(comment=row, by=request.user, now=timezone.now()), "Resolved."
    )


@require_POST
def reopen_comment(request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
    """Open a comment again."""
    row = get_object_or_404(Comment, pk=comment_pk, email_id=pk)
    return carry_out(
        request,
        pk,
        lambda _: services.reopen_comment(comment=row, by=request.user, now=timezone.now()),
        "Opened again.",
    )
