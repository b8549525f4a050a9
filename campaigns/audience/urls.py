"""Addresses of the room; each path is whole, such as "audience/"."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "audience"
urlpatterns: list[URLPattern] = []
