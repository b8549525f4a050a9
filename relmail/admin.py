"""People and roles in the admin, and the names it goes by.

An operator adds people and puts them into groups. Superusers, and the right to make one, stay with superusers: their
rows cannot be changed by anybody else, and the fields that would make one are not in the form at all.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from campaigns.planning.admin import ReadOnly

User = get_user_model()

admin.site.site_header = "relmail admin"
admin.site.site_title = "relmail admin"
admin.site.index_title = "Everything an operator needs"
admin.site.unregister(User)

_ONLY_SUPERUSERS = {"is_superuser", "user_permissions"}


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People. What makes a superuser is shown to superusers alone."""

    list_display = ("username", "first_name", "last_name", "email", "roles", "is_active", "is_staff", "last_login")
    list_filter = ("groups", "is_active", "is_staff")

    @admin.display(description="roles")
    def roles(self, person: Any) -> str:
        """The names of a person's groups."""
        names = [group.name for group in person.groups.all()]
        return ", ".join(["Superuser", *names] if person.is_superuser else names)

    def get_queryset(self, request: HttpRequest) -> Any:
        """People with their groups, in two queries."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The fields of the form, which are also the only ones a request can set."""
        fieldsets = super().get_fieldsets(request, obj)
        if _is_superuser(request):
            return fieldsets
        return [(name, {**options, "fields": _allowed(options["fields"])}) for name, options in fieldsets]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's row, password included, is changed by superusers alone."""
        if obj is not None and obj.is_superuser and not _is_superuser(request):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People are made inactive, so that the history keeps their name; only superusers delete."""
        return _is_superuser(request) and super().has_delete_permission(request, obj)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _allowed(fields: Any) -> tuple[Any, ...]:
    return tuple(field for field in fields if field not in _ONLY_SUPERUSERS)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly):
    """What was changed through the admin itself, for superusers."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag", "change_message")
    list_filter = ("action_flag", "content_type")
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr", "change_message", "user__username")
    date_hierarchy = "action_time"
