"""The one question every verb of a person asks first, and who may do what."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet


def require(user: Any, permission: str) -> None:
    """Raise PermissionDenied(permission) unless the person has it; None is the timetable and may do machine verbs.

    The page that shows the refusal turns the permission into the role that carries it.
    """
    if user is not None and not (user.is_active and user.has_perm(permission)):
        raise PermissionDenied(permission)


def holders(*permissions: str) -> QuerySet[Any]:
    """Active people with any of some permissions, by a group, of their own or as superusers.

    The answer of `UserManager.with_perm` for several permissions at once, in one query that is quick to build.
    """
    wanted = Q()
    for permission in permissions:
        app, _, codename = permission.partition(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    named = Permission.objects.filter(wanted)
    users = get_user_model()._default_manager
    by_group = users.filter(groups__permissions__in=named).values("pk")
    of_their_own = users.filter(user_permissions__in=named).values("pk")
    return users.filter(Q(is_superuser=True) | Q(pk__in=by_group) | Q(pk__in=of_their_own), is_active=True)


def roles(*permissions: str) -> list[str]:
    """The names of the groups that carry every one of some permissions, for the words that say who may."""
    groups = Group.objects.order_by("name")
    for permission in permissions:
        app, _, codename = permission.partition(".")
        groups = groups.filter(permissions__content_type__app_label=app, permissions__codename=codename)
    return list(groups.values_list("name", flat=True).distinct())
