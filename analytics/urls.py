"""Paths of the analytics room."""

from django.urls import path

from analytics import views, webhook

app_name = "analytics"

urlpatterns = [
    path("hooks/sns/", webhook.SnsWebhook.as_view(), name="sns_webhook"),
    path("overview/", views.overview, name="overview"),
    path("overview/alerts/<int:pk>/close/", views.close_alert, name="close_alert"),
]
