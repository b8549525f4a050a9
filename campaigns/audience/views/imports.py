"""Hand in a CSV file, see what became of each row, take the report along."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.audience.forms import ImportForm
from campaigns.audience.importing import MAX_BYTES, import_contacts, keeping
from campaigns.audience.importing.file import ENCODING_NAMES
from campaigns.audience.importing.report import as_csv
from campaigns.audience.models import ContactImport
from campaigns.audience.views.carry_out import carry_out, refuse
from campaigns.permissions import require

SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The form and the latest imports. POST: check a file and keep it for its import, or import it at once."""
    require(request.user, "campaigns.import_contact")
    chosen = {
        name: request.GET[key]
        for name, key in (("contact_list", "list"), ("new_list", "new_list"), ("product", "product"))
        if key in request.GET
    }
    form = ImportForm(request.POST or None, request.FILES or None, initial=chosen)
    if request.method == "POST":
        done: list[ContactImport] = []
        if carry_out(request, form, lambda typed: _hand_in(request, typed, done)):
            return redirect("audience:import", done[0].pk)
    context = {"form": form, "imports": ContactImport.objects.select_related("contact_list", "by").defer("report")[:20]}
    return render(request, "audience/imports.html", context, status=422 if form.errors else 200)


def _hand_in(request: HttpRequest, typed: dict[str, Any], done: list[ContactImport]) -> str:
    file: UploadedFile = typed["file"]
    now, checking = timezone.now(), "check" in request.POST
    # Read before it is checked, which closes it; what is too large is refused there and not held in memory here.
    content = file.read() if checking and (file.size or 0) <= MAX_BYTES else b""
    file.seek(0)
    found = import_contacts(
        file=cast(BinaryIO, file.file),
        file_name=file.name or "file.csv",
        contact_list=typed["contact_list"],
        new_list=typed["new_list"],
        product=typed["product"],
        basis=typed["basis"],
        proof=typed["proof"],
        check_only=checking,
        by=request.user,
        now=now,
    )
    done.append(found)
    if checking:
        keeping.keep(
            checked=found, content=content, basis=typed["basis"], proof=typed["proof"], by=request.user, now=now
        )
    if found.state == ContactImport.State.IMPORTED:
        return f"“{found.file_name}” was imported."
    return ""  # the page of a checked or refused file says it itself


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of one file, row by row."""
    require(request.user, "campaigns.view_contactimport")
    found = get_object_or_404(ContactImport.objects.select_related("contact_list", "product", "by"), pk=pk)
    context = {
        "found": found,
        "entries": found.report[:SHOWN],
        "more": max(0, len(found.report) - SHOWN),
        "encoding": ENCODING_NAMES.get(found.encoding, found.encoding),
        "kept": keeping.kept(checked=found, by=request.user, now=timezone.now()),
    }
    return render(request, "audience/import.html", context)


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Import the file of a check, which was kept."""
    require(request.user, "campaigns.import_contact")
    checked = get_object_or_404(ContactImport.objects.select_related("contact_list", "product"), pk=pk)
    done: list[ContactImport] = []

    def verb() -> str:
        done.append(keeping.import_kept(checked=checked, by=request.user, now=timezone.now()))
        return f"“{done[0].file_name}” was imported." if done[0].state == ContactImport.State.IMPORTED else ""

    refuse(request, verb)
    return redirect("audience:import", done[0].pk if done else pk)


@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The report as a CSV file that no spreadsheet runs."""
    require(request.user, "campaigns.view_contactimport")
    found = get_object_or_404(ContactImport, pk=pk)
    name = f"{slugify(found.file_name.rpartition('.')[0]) or 'import'}-report.csv"
    answer = StreamingHttpResponse(as_csv(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
