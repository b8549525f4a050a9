"""Notices for operators: who was told what, and whether the mail got out. Nothing here can be changed."""

from __future__ import annotations

from django.contrib import admin

from campaigns.drafting.admin import ReadOnlyAdmin
from campaigns.notices.models import Notice


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """What people were told."""

    list_display = ("title", "user", "kind", "at", "seen_at", "how", "mail", "mail_detail")
    list_filter = ("kind", "mail", "how")
    search_fields = ("title", "user__username")
    list_select_related = ("user",)
