"""What drafts cost and how well they were supported, evaluations of prompts, and the words of snapshots."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('campaigns', '0006_review_desk'),
        ('releases', '0003_writing_mapping_and_webhooks'),
    ]

    operations = [
        migrations.AddField(
            model_name='draftrun',
            name='cost',
            field=models.DecimalField(blank=True, decimal_places=6, help_text='By OPENAI_PRICES at that time, in their currency; empty when price or tokens are unknown.', max_digits=12, null=True),
        ),
        migrations.AddField(
            model_name='draftrun',
            name='doubtful',
            field=models.PositiveIntegerField(blank=True, help_text='Of them, those with a warning about their source.', null=True),
        ),
        migrations.AddField(
            model_name='draftrun',
            name='sentences',
            field=models.PositiveIntegerField(blank=True, help_text='As the drafter wrote them.', null=True),
        ),
        migrations.AddField(
            model_name='draftrun',
            name='unsupported',
            field=models.PositiveIntegerField(blank=True, help_text='Of them, those that the checks stopped; they were left out.', null=True),
        ),
        migrations.CreateModel(
            name='SourceIndex',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(db_index=True, help_text='SHA-256 of the texts and of the rules.', max_length=64)),
                ('stems', models.JSONField(help_text='Issue key -> its stems.')),
                ('made_at', models.DateTimeField()),
                ('snapshot', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='releases.snapshot')),
            ],
        ),
        migrations.CreateModel(
            name='PromptEvaluation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.CharField(max_length=50)),
                ('digest', models.CharField(help_text='SHA-256 of the files of that version, as they were.', max_length=64)),
                ('model', models.CharField(max_length=100)),
                ('transport', models.CharField(max_length=20)),
                ('passed', models.BooleanField()),
                ('mails', models.PositiveIntegerField(help_text='How many mails were asked for.')),
                ('report', models.JSONField(default=list, help_text='Per mail: what was wrong, and how many sentences it had.')),
                ('cost', models.DecimalField(blank=True, decimal_places=6, max_digits=12, null=True)),
                ('seconds', models.FloatField(default=0)),
                ('at', models.DateTimeField()),
                ('live', models.BooleanField(default=False, help_text='Its version is the one that drafts are asked with.')),
                ('live_since', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-at', '-id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('live', True)), fields=('live',), name='one_prompt_version_is_live'), models.CheckConstraint(condition=models.Q(('live', False), ('passed', True), _connector='OR'), name='only_passed_prompts_go_live')],
            },
        ),
    ]
