"""Give operators the plans of warm-up. Takes nothing away."""

from importlib import import_module

from django.db import migrations

add_permissions = import_module("relmail.migrations.0002_review_desk_roles").add_permissions


class Migration(migrations.Migration):
    dependencies = [
        ("relmail", "0003_drafting_roles"),
        ("campaigns", "0009_batches_to_settle"),
    ]

    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
