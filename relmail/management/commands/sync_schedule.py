"""`manage.py sync_schedule`: write the timetable, leaving alone what an operator changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from relmail.schedule import TIMETABLE


class Command(BaseCommand):
    """Adds missing rows of the timetable and switches off those whose task is gone."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows and say what was done."""
        added, switched_off = sync()
        self.stdout.write(f"Timetable: {added} added, {switched_off} switched off, {len(TIMETABLE)} in all.")


def sync() -> tuple[int, int]:
    """Bring the rows in line with relmail/schedule.py. Returns (added, switched off)."""
    added = 0
    with transaction.atomic():
        for row in TIMETABLE:
            found = PeriodicTask.objects.filter(name=row.name).first()
            if found is None:
                interval, _ = IntervalSchedule.objects.get_or_create(every=row.every, period=IntervalSchedule.SECONDS)
                PeriodicTask.objects.create(
                    name=row.name,
                    task=row.task,
                    interval=interval,
                    description=row.description,
                    expire_seconds=max(row.every, 30),
                )
                added += 1
            elif (found.task, found.description) != (row.task, row.description):
                found.task, found.description = row.task, row.description
                found.save(update_fields=["task", "description"])
        ours = {row.name for row in TIMETABLE}
        gone = PeriodicTask.objects.filter(enabled=True, task__regex=r"^(releases|campaigns|analytics)\.").exclude(
            name__in=ours
        )
        switched_off = gone.update(enabled=False)
    return added, switched_off
