"""Addresses of the room of notices."""

from django.urls import path

from campaigns.notices import views

app_name = "notices"

urlpatterns = [
    path("notices/", views.notice_list, name="list"),
    path("notices/read/", views.read_all, name="read_all"),
    path("notices/settings/", views.settings, name="settings"),
    path("notices/count/", views.count, name="count"),
    path("notices/<int:pk>/", views.open_notice, name="open"),
]
