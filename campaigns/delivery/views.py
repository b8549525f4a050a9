"""Pages of the delivery room: the messages of an e-mail, a send in progress, what is unknown, the sender."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from campaigns import states
from campaigns.delivery import actions, calling, deciding, limiter, limits, listing, selectors, services
from campaigns.delivery.forms import DecisionForm, ReasonForm
from campaigns.delivery.reasons import labelled
from campaigns.permissions import require
from campaigns.planning import kept
from campaigns.planning.models import CampaignEmail
from campaigns.review.refusals import ReviewRefused


def _email(email_id: int) -> CampaignEmail:
    return get_object_or_404(CampaignEmail.objects.select_related("campaign__release__product"), pk=email_id)


def _state(wanted: str, sheet: selectors.Balance) -> str:
    """The state that the page shows: the one asked for, or the first that a person should look at."""
    if wanted in states.MESSAGE:
        return wanted
    for name in ("unknown", "failed", "accepted", "queued", "suppressed", "cancelled"):
        if getattr(sheet, name):
            return name
    return "accepted"


@require_GET
def message_list(request: HttpRequest, email_id: int) -> HttpResponse:
    """The messages of an e-mail in one state, by reason, in pages; or the message of one address."""
    require(request.user, "campaigns.view_message")
    email = _email(email_id)
    return _message_page(request, email)


def _message_page(request: HttpRequest, email: CampaignEmail, form: DecisionForm | None = None) -> HttpResponse:
    sheet = selectors.balance(email)
    state = _state(request.GET.get("state", ""), sheet)
    reason = request.GET.get("reason", "")[:60]
    address = request.GET.get("address", "").strip()[:254]
    past = request.GET.get("past") == "1"
    after = request.GET.get("after", "")
    if address:
        page = listing.of_address(email, address, past=past)
    elif email.archive_begun_at is not None:
        page = listing.Page([])  # its figures are all that is listed; one recipient and the file are in the archive
    else:
        page = listing.page(
            email, state, reason=reason, after=int(after) if after.isdecimal() and len(after) < 19 else 0
        )
    for message in page.messages:
        message.reason_label = labelled(message.reason) if message.reason else ""  # type: ignore[union-attr]
    rare = state not in listing.BY_BATCH
    decidable = page.messages and not address
    verbs = [verb for verb in actions.message_actions(state, request.user) if verb.allowed] if decidable else []
    # The list alone, fetched while the send goes on; what could be ticked is ticked on a page with its form.
    alone = bool(request.htmx and request.htmx.target == "message-list")  # type: ignore[attr-defined]
    verbs = [] if alone else verbs
    return render(
        request,
        "delivery/list_again.html" if alone else "delivery/messages.html",
        {
            "email": email,
            "product": email.campaign.release.product,
            "balance": sheet,
            "follows": _moves(email, sheet) and not verbs and not address,
            "state": state,
            "reason": reason,
            "reasons": [(code, labelled(code), count) for code, count in selectors.reasons(email, state)]
            if rare and email.archive_begun_at is None
            else [],
            "address": address,
            "past": past,
            "after": after,
            "page": page,
            "verbs": verbs,
            "form": form or (DecisionForm(actions=verbs) if verbs else None),
            "kept": kept.take(request),
            **_progress(request, email, sheet),
        },
        status=422 if form is not None and form.errors else 200,
    )


def _progress(
    request: HttpRequest, email: CampaignEmail, sheet: selectors.Balance, *, on_email: bool = False
) -> dict[str, Any]:
    now = timezone.now()
    row = selectors.sender()
    verbs = [verb for verb in actions.email_actions(email, request.user, sheet) if verb.allowed]
    # On the page of the e-mail stand figures and verbs alone, without the lists by state.
    tabs = states.MESSAGE.items() if not on_email else ()
    return {
        "on_email": on_email,
        "tabs": [{"state": known, "count": getattr(sheet, name)} for name, known in tabs],
        "figures_shown": _figures(email, sheet),
        "moves": _moves(email, sheet),
        "goes": [verb for verb in verbs if not verb.needs_reason],
        "stops": [verb for verb in verbs if verb.needs_reason],
        "sender": row,
        "waits_for": selectors.waits_for(email, row, now=now) if email.state == "sending" else "",
        "last_one_out": selectors.last_one_out(email, now=now) if email.state == "sending" else None,
        "rate": limiter.effective_rate(row) if row else 0,
    }


def _moves(email: CampaignEmail, sheet: selectors.Balance) -> bool:
    """Whether its figures or its state may become others without anybody at this page."""
    return email.state in ("sending", "paused") or (email.state == "cancelled" and sheet.queued > 0)


def _figures(email: CampaignEmail, sheet: selectors.Balance) -> str:
    """State and figures in a word: the list is fetched again when they are others than those that are shown."""
    return f"{email.state}-{email.state_since:%Y%m%d%H%M%S}-{sheet.planned}-{sheet.settled}"


@require_GET
def progress(request: HttpRequest, email_id: int) -> HttpResponse:
    """The progress of a send with what else on its page tells figures; fetched every two seconds while it goes on.

    A paused one, and one that was cancelled while calls were under way, is asked about slowly, and answers with nothing
    as long as nothing has changed.
    """
    require(request.user, "campaigns.view_message")
    email = _email(email_id)
    sheet = selectors.balance(email)
    shown = request.GET.get("shown", "")
    if email.state != "sending" and shown == _figures(email, sheet):
        return HttpResponse(status=204)
    context = {
        "email": email,
        "product": email.campaign.release.product,
        "balance": sheet,
        "turned": not shown.startswith(f"{email.state}-"),
        **_progress(request, email, sheet, on_email=request.GET.get("on") == "email"),
    }
    answer = render(request, "delivery/progress_again.html", context)
    if shown != _figures(email, sheet):
        trigger_client_event(answer, "send-moved")
    return answer


@require_GET
def balance(request: HttpRequest, email_id: int) -> HttpResponse:
    """The figures and what can be done with the send, for the page of the e-mail, which fetches them once it is out."""
    require(request.user, "campaigns.view_message")
    email = _email(email_id)
    sheet = selectors.balance(email)
    context = {
        "email": email,
        "product": email.campaign.release.product,
        "balance": sheet,
        "kept": kept.take(request),
        **_progress(request, email, sheet, on_email=True),
    }
    return render(request, "delivery/balance.html", context)


@require_GET
def export(request: HttpRequest, email_id: int) -> StreamingHttpResponse:
    """The messages of one state as a CSV file."""
    require(request.user, "campaigns.view_message")
    email = _email(email_id)
    state = request.GET.get("state", "")
    if state not in states.MESSAGE:
        state = "accepted"
    lines = listing.csv_lines(email, state, reason=request.GET.get("reason", "")[:60])
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="email-{email.pk}-{state}.csv"'
    return response


@require_POST
def change(request: HttpRequest, email_id: int, verb: str) -> HttpResponse:
    """Pause, resume or cancel a send, or stop it and go to the correction of it."""
    email = _email(email_id)
    try:
        if verb == "stop_and_correct":
            return redirect(_stop_and_correct(request, email))
        messages.success(request, _change(request, email, verb))
    except (services.DeliveryRefused, states.MoveRefused, ReviewRefused) as refusal:
        messages.error(request, str(refusal))
        kept.keep(request, f"send-{verb}")
    return redirect("review:email" if request.POST.get("back") == "email" else "delivery:messages", email.pk)


def _stop_and_correct(request: HttpRequest, email: CampaignEmail) -> CampaignEmail:
    correction = services.stop_and_correct(
        email=email, why=_why(request), by=request.user, now=timezone.now(), until=actions.patience()
    )
    sheet = selectors.balance(email)
    messages.success(
        request,
        f"The send is stopped: {sheet.accepted:,} have it, {sheet.cancelled:,} do not get it{_still(sheet.queued)}. "
        "This is the correction for those who have it. Say what is right, choose a time and submit it.",
    )
    return correction


def _still(queued: int) -> str:
    """Those of whom it is open when a send has just been stopped."""
    return f", {queued:,} {'is' if queued == 1 else 'are'} in a call that is under way" if queued else ""


def _why(request: HttpRequest) -> str:
    """The reason that was typed; a verb that needs one is refused without."""
    reason = ReasonForm(request.POST)
    if not reason.is_valid():
        raise services.DeliveryRefused(str(reason.errors["why"][0]))
    return str(reason.cleaned_data["why"])


def _change(request: HttpRequest, email: CampaignEmail, verb: str) -> str:
    by, now = request.user, timezone.now()
    if verb == "resume":
        services.resume(email=email, by=by, now=now, why=request.POST.get("why", "")[:500])
        return "It goes on."
    why = _why(request)
    if verb == "pause":
        services.pause(email=email, why=why, by=by, now=now)
        return "It is paused. The call that was under way is finished; nothing new starts."
    services.cancel(email=email, why=why, by=by, now=now, until=actions.patience())
    return "The send is cancelled. What was out stays out; the rest is cancelled."


@require_POST
def decide(request: HttpRequest, email_id: int) -> HttpResponse:
    """A person's decision on unknown or failed messages of an e-mail."""
    require(request.user, actions.DECIDE)
    email = _email(email_id)
    state = request.GET.get("state", "")
    form = DecisionForm(request.POST, actions=actions.message_actions(state, request.user))
    chosen = [int(pk) for pk in request.POST.getlist("message") if pk.isdecimal() and len(pk) < 19]
    if form.is_valid() and form.cleaned_data["scope"] == "chosen" and not chosen:
        form.add_error("scope", "Tick at least one message in the list, or choose all of them.")
    if not form.is_valid():
        return _message_page(request, email, form)
    why, now = form.cleaned_data["why"], timezone.now()
    verdict, left = form.cleaned_data["verdict"], 0
    try:
        if form.cleaned_data["scope"] == "all":
            reason = request.GET.get("reason", "")[:60] or None
            changed = services.decide_group(
                email=email,
                state=state,
                reason=reason,
                verdict=verdict,
                why=why,
                by=request.user,
                now=now,
                until=actions.patience(),
            )
            left = deciding.left(email, state, reason)
        else:
            # Only messages of this e-mail, whatever the form says.
            chosen = list(email.messages.filter(pk__in=chosen, state=state).values_list("pk", flat=True))
            changed = services.decide(messages=chosen, verdict=verdict, reason=why, by=request.user, now=now)
    except (services.DeliveryRefused, states.MoveRefused) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.add_message(request, actions.level(changed), actions.told(verdict, changed, left))
    return redirect("delivery:messages", email.pk)


@require_GET
def unsettled(request: HttpRequest) -> HttpResponse:
    """E-mails with unknown or failed messages: what only a person can settle."""
    require(request.user, "campaigns.view_message")
    may_decide = request.user.has_perm(actions.DECIDE)
    return render(request, "delivery/unsettled.html", {"rows": listing.unsettled(), "may_decide": may_decide})


@require_GET
def sender(request: HttpRequest) -> HttpResponse:
    """Whether the fleet may send, how fast, and how much of today's quota is used."""
    require(request.user, "campaigns.view_sender")
    row = selectors.sender()
    return render(
        request,
        "delivery/sender.html",
        {
            "kept": kept.take(request),
            "sender": row,
            "actions": actions.sender_actions(row, request.user),
            "mode": calling.mode_of(row),
            "rate": limiter.effective_rate(row) if row else 0,
            "fence_seconds": settings.SEND_FENCE_SECONDS,
            "warm_ups": limits.warm_ups(now=timezone.now()),
            "may_limit": request.user.has_perm(actions.STOP),
            "most_calls": limits.MOST_CALLS,
            "now": timezone.now(),
        },
    )


@require_POST
def change_sender(request: HttpRequest, verb: str) -> HttpResponse:
    """Stop or start all sending, or ask SES again for its limits."""
    now = timezone.now()
    if verb == "ask":
        require(request.user, actions.STOP)
        row = limiter.learn(now=now)
        if row.check_error:
            messages.error(request, f"Amazon was asked and answered: {row.check_error}")
        else:
            messages.success(request, "The limits are those that Amazon gives now.")
        return redirect("delivery:sender")
    try:
        if verb == "take_over":
            kept_back = services.take_over(reason=request.POST.get("why", "").strip()[:300], by=request.user, now=now)
            messages.success(
                request,
                f"This installation sends from now on, in about a minute. {kept_back:,} e-mails wait for a comparison.",
            )
        elif verb == "in_flight":
            most = request.POST.get("most", "")
            if not (most.isdecimal() and len(most) < 9):
                raise services.DeliveryRefused("Write a whole number; 0 sets no limit.")
            services.set_calls_in_flight(
                most=int(most), why=request.POST.get("why", "").strip()[:300], by=request.user, now=now
            )
            messages.success(request, "The calls in flight are set.")
        elif verb == "bulk":
            services.forget_learned_mode(by=request.user, now=now)
            messages.success(request, "Bulk calls are tried again.")
        elif verb == "start":
            services.start_sender(by=request.user, now=now)
            messages.success(request, "Sending goes on. What became late in the meantime is held, not sent.")
        else:
            services.stop_sender(reason=request.POST.get("why", "").strip()[:300], by=request.user, now=now)
            messages.success(request, "All sending is stopped. Calls under way are finished; nothing new starts.")
    except services.DeliveryRefused as refusal:
        messages.error(request, str(refusal))
        kept.keep(request, f"sender-{verb}")
    return redirect("delivery:sender")
