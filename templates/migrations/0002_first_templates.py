"""The first set of e-mail templates, one for each step, published as version 1.

The texts lie in templates/mjml/. A later change of a template is a new version, made on the pages or by a further
migration with files of its own; these files stay as they are.
"""

import hashlib
from pathlib import Path

from django.db import migrations, models
from django.utils import timezone

MJML = Path(__file__).resolve().parent.parent / "mjml"

TEMPLATES = (
    ("announcement", "Announcement", "What is coming, when, and what to prepare. A coloured head, the date below it."),
    ("reminder", "Reminder", "Short: the date in large type, then what must be done first."),
    ("release_day", "Release day", "The version in very large type, what is new in a panel, one button in the middle."),
    ("follow_up", "Follow-up", "Looks like a letter: what is worth trying, what has been fixed, where to ask."),
)


def publish_first_versions(apps, schema_editor):
    template_model = apps.get_model("templates", "EmailTemplate")
    version_model = apps.get_model("templates", "EmailTemplateVersion")
    for step, name, description in TEMPLATES:
        mjml = (MJML / f"{step}.mjml").read_text(encoding="utf-8")
        template, created = template_model.objects.get_or_create(
            slug=step.replace("_", "-"), defaults={"name": name, "description": description, "step": step}
        )
        if created:
            version_model.objects.create(
                template=template,
                number=1,
                mjml=mjml,
                note="The first version.",
                state="published",
                digest=hashlib.sha256(mjml.encode()).hexdigest(),
                published_at=timezone.now(),
            )


class Migration(migrations.Migration):
    dependencies = [("templates", "0001_initial")]

    operations = [
        migrations.AlterField(
            "emailtemplateversion",
            "created_at",
            models.DateTimeField(default=timezone.now, help_text="When it was begun, or its draft last saved."),
        ),
        migrations.RunPython(publish_first_versions, migrations.RunPython.noop),
    ]
