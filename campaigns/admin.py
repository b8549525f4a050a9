"""Gathers the admin pages of the rooms, so that Django finds them under one app label."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

for _room in ("audience", "planning", "drafting", "review", "delivery"):
    if find_spec(f"campaigns.{_room}.admin"):
        import_module(f"campaigns.{_room}.admin")
