"""The one question every verb of a person asks first."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied


def require(user: Any, permission: str) -> None:
    """Raise PermissionDenied(permission) unless the person has it; None is the timetable and may do machine verbs.

    The page that shows the refusal turns the permission into the role that carries it.
    """
    if user is not None and not (user.is_active and user.has_perm(permission)):
        raise PermissionDenied(permission)
