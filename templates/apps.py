"""Django's record of the app."""

from django.apps import AppConfig


class TemplatesConfig(AppConfig):
    """The app "templates"."""

    name = "templates"
    verbose_name = "E-mail templates"
    default_auto_field = "django.db.models.BigAutoField"
