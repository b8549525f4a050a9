from django.db import migrations, models
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce


def count(apps, schema_editor):
    """Who is on each list now."""
    members = apps.get_model("campaigns", "ListMembership").objects.filter(contact_list=OuterRef("pk")).order_by()
    people = members.values("contact_list").annotate(people=Count("pk")).values("people")
    apps.get_model("campaigns", "ContactList").objects.update(
        people=Coalesce(Subquery(people, output_field=IntegerField()), 0)
    )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0021_names_in_the_admin")]

    operations = [
        migrations.AddField(
            model_name="contactlist",
            name="people",
            field=models.PositiveIntegerField(default=0, editable=False, help_text="How many are on it."),
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
