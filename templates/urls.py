"""Addresses of the room; each path is whole, such as "templates/"."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "templates"
urlpatterns: list[URLPattern] = []
