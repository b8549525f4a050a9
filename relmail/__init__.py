"""Wiring: settings, URLs, Celery, the timetable, roles and commands. Imports everything; imported by nobody."""
