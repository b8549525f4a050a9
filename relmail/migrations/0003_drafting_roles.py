"""Give each group what came to its role since: evaluations of prompts, lives of webhooks. Takes nothing away."""

from importlib import import_module

from django.db import migrations

add_permissions = import_module("relmail.migrations.0002_review_desk_roles").add_permissions


class Migration(migrations.Migration):
    dependencies = [
        ("relmail", "0002_review_desk_roles"),
        ("releases", "0003_writing_mapping_and_webhooks"),
        ("campaigns", "0007_drafting_cost_and_prompts"),
    ]

    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
