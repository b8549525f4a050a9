"""The cadence that every product starts with: 14 days before, 3 days before, release day, 7 days after, at ten."""

import datetime as dt

from django.db import migrations

# kind, days from the release date, only once Jira says released
STEPS = (
    ("announcement", -14, False),
    ("reminder", -3, False),
    ("release_day", 0, True),
    ("follow_up", 7, True),
)


def make_cadence(apps, schema_editor):
    alias = schema_editor.connection.alias
    Cadence = apps.get_model("campaigns", "Cadence")
    CadenceStep = apps.get_model("campaigns", "CadenceStep")
    EmailTemplate = apps.get_model("templates", "EmailTemplate")
    cadence = Cadence.objects.using(alias).create(
        name="Four e-mails around the release", is_default=True, late_after=dt.timedelta(hours=2)
    )
    for position, (kind, days, needs_release) in enumerate(STEPS):
        CadenceStep.objects.using(alias).create(
            cadence=cadence,
            kind=kind,
            position=position,
            offset=dt.timedelta(days=days),
            time_of_day=dt.time(10, 0),
            needs_release=needs_release,
            template=EmailTemplate.objects.using(alias).get(step=kind),
        )


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
        ("templates", "0002_first_templates"),
    ]

    operations = [migrations.RunPython(make_cadence, migrations.RunPython.noop)]
