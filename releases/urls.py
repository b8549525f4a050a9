"""Addresses of the room; each path is whole, such as "releases/"."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "releases"
urlpatterns: list[URLPattern] = []
