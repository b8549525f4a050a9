from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0008_notices'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(condition=Q(('unknown__gt', 0), ('failed__gt', 0), _connector='OR'), fields=['email'], name='batch_exceptions'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(condition=Q(('erased_at__isnull', False)), fields=['erased_at'], name='contact_erased'),
        ),
    ]
