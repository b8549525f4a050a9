"""How many people two audiences have in common, for many pairs in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import product

from django.db import connection
from django.db.models import Count

from campaigns import given
from campaigns.audience.models import ListMembership

Pair = tuple[int, int]


def shared_people(pairs: Mapping[Pair, tuple[Sequence[int], Sequence[int]]]) -> dict[Pair, int]:
    """How many contacts are on a list of the one and a list of the other. Two queries, each list read by its index.

    Of two lists the shorter one is read and its people are looked up in the longer one, so that a list of a million
    beside many small ones costs what the small ones do. Two lists of a million take a second or two, so pages fetch
    this after they are shown.

    Args:
        pairs: any two numbers that name the pair, with the ids of the lists of each side.
    """
    columns = {"one": int, "other": int, "list_one": int, "list_other": int}
    sizes = _sizes({pk for lists_one, lists_other in pairs.values() for pk in (*lists_one, *lists_other)})
    rows = [
        (one, other, *sorted((list_one, list_other), key=lambda pk: sizes[pk]))
        for (one, other), (lists_one, lists_other) in pairs.items()
        for list_one, list_other in _beside(set(lists_one) & sizes.keys(), set(lists_other) & sizes.keys())
    ]
    if not rows:
        return {}
    table = ListMembership._meta.db_table
    # A self-join of a list is the list; the condition spares the database from looking up everybody in it again.
    statement = f"""
        SELECT pair.one, pair.other, COUNT(DISTINCT mine.contact_id)
        FROM {given.table("pair", columns)}
        JOIN {table} mine ON mine.contact_list_id = pair.list_one
        WHERE pair.list_one = pair.list_other OR EXISTS (
            SELECT 1 FROM {table} theirs
            WHERE theirs.contact_list_id = pair.list_other AND theirs.contact_id = mine.contact_id
        )
        GROUP BY pair.one, pair.other
    """  # noqa: S608 - our own words
    with connection.cursor() as cursor:
        cursor.execute(statement, given.parameters(rows, columns))
        return {(one, other): people for one, other, people in cursor.fetchall()}


def _beside(one: set[int], other: set[int]) -> list[Pair]:
    """Each list of the one with each of the other; of twice the same lists everybody is shared, each with itself."""
    return [(pk, pk) for pk in sorted(one)] if one == other else list(product(sorted(one), sorted(other)))


def _sizes(list_ids: Collection[int]) -> dict[int, int]:
    """How many are on each list; lists without anybody are left out."""
    if not list_ids:
        return {}
    rows = ListMembership.objects.filter(contact_list__in=list_ids).order_by().values_list("contact_list_id")
    return dict(rows.annotate(people=Count("pk")))
