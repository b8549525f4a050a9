"""One form, one verb, one sentence: what the views of this room share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest

from campaigns.audience.addresses import BadAddress
from campaigns.audience.details import BadDetail
from campaigns.audience.refusals import AudienceRefused

REFUSALS = (AudienceRefused, BadAddress, BadDetail)


def carry_out(request: HttpRequest, form: BaseForm, verb: Callable[[dict[str, Any]], str]) -> bool:
    """Call the verb with what was typed and show the sentence it returns. False: the form now says what was wrong."""
    if not form.is_valid():
        return False
    try:
        sentence = verb(form.cleaned_data)
    except REFUSALS as refused:
        form.add_error(None, str(refused))
        return False
    if sentence:
        messages.success(request, sentence)
    return True


def refuse(request: HttpRequest, verb: Callable[[], str]) -> None:
    """Call a verb that has no form and show its sentence, or the sentence of its refusal."""
    try:
        messages.success(request, verb())
    except REFUSALS as refused:
        messages.error(request, str(refused))


def asked(request: HttpRequest, name: str) -> str:
    """A parameter of the address, short and without NUL, which PostgreSQL would refuse as an error of ours."""
    return request.GET.get(name, "").replace("\0", "")[:400]
