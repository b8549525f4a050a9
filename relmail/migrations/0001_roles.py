"""Make the three groups. Permissions are normally made after all migrations, so they are made here first."""

from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from relmail.roles import GROUPS


def make_groups(apps, schema_editor):
    alias = schema_editor.connection.alias
    for label in ("auth", "releases", "templates", "campaigns", "analytics", "django_celery_beat"):
        create_permissions(real_apps.get_app_config(label), verbosity=0, using=alias)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, permissions in GROUPS.items():
        group, _ = Group.objects.using(alias).get_or_create(name=name)
        wanted = []
        for permission in permissions:
            label, codename = permission.split(".")
            wanted.append(Permission.objects.using(alias).get(content_type__app_label=label, codename=codename))
        group.permissions.set(wanted)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("releases", "0001_initial"),
        ("templates", "0001_initial"),
        ("campaigns", "0001_initial"),
        ("analytics", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
