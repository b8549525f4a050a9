"""Addresses of the room; each path is whole, such as "delivery/"."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "delivery"
urlpatterns: list[URLPattern] = []
