"""Wiring: settings, URLs, Celery, the timetable, roles and commands. Imports everything; imported by nobody."""

from relmail.celery import app as celery_app

__all__ = ["celery_app"]
