"""Pages that set a product up: take it in, say how its mail is worded, confirm what the fields of its project mean."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from releases import product_services, services
from releases.forms import MEANINGS, AddProductForm, ProductForm, mapping_from
from releases.jira import JiraError
from releases.models import Product
from releases.permissions import require

REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY
_TABLES = (
    ("labels", "Labels", "label"), ("components", "Components", "component"), ("types", "Issue types", "issue type"),
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Take in a Jira project."""
    require(request.user, "releases.add_product")
    form = AddProductForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            made = services.add_product(by=request.user, now=now, **form.cleaned_data)
        except JiraError as error:
            form.add_error("jira_key", f"{error} Nothing was saved.")
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{made} is taken in. Confirm what its fields mean, then read it from Jira.")
            return redirect("releases:mapping", made.pk)
    status = REFUSED if form.is_bound else HTTPStatus.OK
    return render(request, "releases/add_product.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def product(request: HttpRequest, pk: int) -> HttpResponse:
    """The settings of a product: its sender and its words. Everybody may look, operators change."""
    require(request.user, "releases.view_product")
    found = get_object_or_404(Product.objects.select_related("mapping_confirmed_by"), pk=pk)
    if request.method == "POST":
        require(request.user, product_services.CHANGE_PRODUCT)
    form = ProductForm(request.POST or None, instance=Product.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        try:
            product_services.change_product(product=found, by=request.user, now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "Saved. Texts that are drafted or checked from now on go by it.")
            return redirect(found)
    context = {
        "product": found, "form": form, "may_change": request.user.has_perm(product_services.CHANGE_PRODUCT),
        "english": found.language == Product.Language.ENGLISH,
    }  # fmt: skip
    return render(request, "releases/product.html", context, status=REFUSED if form.is_bound else HTTPStatus.OK)


@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """What the fields of the Jira project mean: proposed from what the project has, confirmed by a person."""
    require(request.user, product_services.CHANGE_PRODUCT)
    found = get_object_or_404(Product.objects.select_related("mapping_confirmed_by"), pk=pk)
    typed = None
    if request.method == "POST":
        try:
            typed = mapping_from(request.POST)
            product_services.confirm_mapping(
                product=found, mapping=typed,
                release_note_field=request.POST.get("release_note_field", ""), by=request.user, now=timezone.now(),
            )  # fmt: skip
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, "Confirmed. It counts from the next reading on; decisions of people are kept.")
            return redirect(found)
    try:
        seen, problem = product_services.survey(found), ""
    except JiraError as error:
        seen, problem = product_services.Survey(), str(error)
    rows = product_services.proposal(found, seen, typed)
    context = {
        "product": found, "problem": problem, "survey": seen, "meanings": MEANINGS,
        "tables": [(name, title, one, rows[name]) for name, title, one in _TABLES], "levels": rows["levels"],
        "note_field": request.POST.get("release_note_field") or product_services.note_field(found, seen),
        "typed": typed is not None,
        "note_fields": seen.note_fields,
    }  # fmt: skip
    return render(
        request, "releases/mapping.html", context, status=REFUSED if request.method == "POST" else HTTPStatus.OK
    )
