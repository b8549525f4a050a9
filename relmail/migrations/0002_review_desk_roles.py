"""Give each group what came to its role since: the emergency approval, seed addresses. Takes nothing away."""

from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from relmail.roles import GROUPS


def add_permissions(apps, schema_editor):
    alias = schema_editor.connection.alias
    for label in ("releases", "templates", "campaigns", "analytics"):
        create_permissions(real_apps.get_app_config(label), verbosity=0, using=alias)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, permissions in GROUPS.items():
        group, _ = Group.objects.using(alias).get_or_create(name=name)
        for permission in permissions:
            label, codename = permission.split(".")
            group.permissions.add(
                *Permission.objects.using(alias).filter(content_type__app_label=label, codename=codename)
            )


class Migration(migrations.Migration):
    dependencies = [
        ("relmail", "0001_roles"),
        ("campaigns", "0006_review_desk"),
    ]

    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
