"""Pages of tables with millions of rows in the admin."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.utils.functional import cached_property

MOST_ROWS = 10_000


class BoundedPaginator(Paginator):
    """Counts no further than anybody turns pages: whoever looks for one row of millions searches or filters."""

    @cached_property
    def count(self) -> int:
        """How many rows, up to MOST_ROWS."""
        rows = self.object_list
        return rows.order_by()[:MOST_ROWS].count() if hasattr(rows, "order_by") else min(len(rows), MOST_ROWS)
