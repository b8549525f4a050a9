"""Hand in a CSV file, see what became of each row, take the report along."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.audience.forms import ImportForm
from campaigns.audience.importing import import_contacts
from campaigns.audience.importing.file import ENCODING_NAMES
from campaigns.audience.importing.report import as_csv
from campaigns.audience.models import ContactImport
from campaigns.audience.views.carry_out import carry_out
from campaigns.permissions import require

SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The form and the latest imports. POST: check a file, or import it at once."""
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
    found = import_contacts(
        file=cast(BinaryIO, file.file),
        file_name=file.name or "file.csv",
        contact_list=typed["contact_list"],
        new_list=typed["new_list"],
        product=typed["product"],
        basis=typed["basis"],
        proof=typed["proof"],
        check_only="check" in request.POST,
        by=request.user,
        now=timezone.now(),
    )
    done.append(found)
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
    }
    return render(request, "audience/import.html", context)


@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The report as a CSV file that no spreadsheet runs."""
    require(request.user, "campaigns.view_contactimport")
    found = get_object_or_404(ContactImport, pk=pk)
    name = f"{slugify(found.file_name.rpartition('.')[0]) or 'import'}-report.csv"
    answer = StreamingHttpResponse(as_csv(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
