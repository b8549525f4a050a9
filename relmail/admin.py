"""People and roles in the admin, and the names it goes by.

An operator adds people and makes them marketers or operators. Whoever may approve mail is made by superusers alone, and
so are superusers: an operator who could make himself a release manager, or set the password of one, could approve
without a trace. Their rows cannot be changed by anybody else, and the fields that would make one are not in the form.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from campaigns.planning.admin import ReadOnly

User = get_user_model()

admin.site.site_header = "relmail admin"
admin.site.site_title = "relmail admin"
admin.site.index_title = "Everything an operator needs"
# Its column would cut the tables, which are wide; the way to every list is one click back.
admin.site.enable_nav_sidebar = False
admin.site.unregister(User)
_ask_for_log_in = admin.site.login


@never_cache
@login_not_required
def _log_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Whoever is logged in already and is no staff gets the page of a refusal: another log-in is not the answer."""
    if request.user.is_authenticated and not admin.site.has_permission(request):
        raise PermissionDenied("The admin is for operators whose account is marked as staff. Ask an operator.")
    return _ask_for_log_in(request, extra_context)


admin.site.login = _log_in  # type: ignore[method-assign]

APPROVE = "campaigns.approve_campaignemail"
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
        """Rows of superusers and of those who may approve, passwords included, are changed by superusers alone."""
        if obj is not None and not _is_superuser(request) and (obj.is_superuser or obj.has_perm(APPROVE)):
            return False
        return super().has_change_permission(request, obj)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The groups that may be given: without those that approve, unless a superuser gives them."""
        if db_field.name == "groups" and not _is_superuser(request):
            label, codename = APPROVE.split(".")
            kwargs["queryset"] = Group.objects.exclude(
                permissions__content_type__app_label=label, permissions__codename=codename
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)

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
