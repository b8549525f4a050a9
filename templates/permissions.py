"""Who may do what with templates."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied

VIEW = "templates.view_emailtemplateversion"
EDIT = "templates.change_emailtemplateversion"
PUBLISH = "templates.publish_emailtemplateversion"


def require(user: Any, permission: str) -> None:
    """Raise PermissionDenied, with the permission as its only word, unless the person has it."""
    if user is None or not user.has_perm(permission):
        raise PermissionDenied(permission)
