"""Lists of the admin over tables with a row for each message: they cost the same at a hundred and at a million rows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

MOST_ROWS = 10_000
LATEST = 100_000


class OrMore(int):
    """A number of rows that were not counted further; the admin's own pages print it as it says itself."""

    def __str__(self) -> str:
        return f"{int(self):,} or more"


class BoundedPaginator(Paginator):
    """Counts no further than anybody turns pages: whoever looks for one row of millions searches or filters."""

    @cached_property
    def count(self) -> int:
        """How many rows, up to MOST_ROWS."""
        rows = self.object_list
        found = rows.order_by()[:MOST_ROWS].count() if hasattr(rows, "order_by") else min(len(rows), MOST_ROWS)
        return OrMore(found) if found == MOST_ROWS else found


class LargeList(admin.ModelAdmin):
    """The newest first. No order by another column and no counts beside the filters: both would read every row."""

    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    sortable_by: ClassVar[tuple[str, ...]] = ()
    ordering = ("-id",)


def latest(field: str, title: str, *, empty: tuple[str, str] | None = None) -> type[admin.SimpleListFilter]:
    """A filter of a large table by a column without an index: among its newest rows, and it says so.

    Args:
        field: the column.
        title: what it is called.
        empty: for a column to be empty or not, the words of both; otherwise its choices.
    """

    class Latest(admin.SimpleListFilter):
        parameter_name = f"latest_{field}"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            if empty:
                return [("empty", empty[0]), ("filled", empty[1])]
            return list(model_admin.model._meta.get_field(field).choices or ())

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
            value = self.value()
            if value is None:
                return queryset
            newest = queryset.model._default_manager.aggregate(newest=Max("pk"))["newest"] or 0
            rows = queryset.filter(pk__gt=newest - LATEST)
            if empty:
                unknown = queryset.model._meta.get_field(field).null
                blank = Q(**{f"{field}__isnull": True}) if unknown else Q(**{field: ""})
                return rows.filter(blank if value == "empty" else ~blank)
            return rows.filter(**{field: value})

    Latest.title = f"{title} (of the latest {LATEST:,})"
    return Latest
