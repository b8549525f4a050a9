"""Addresses of the planning room. The page `planning:campaign` is added by relmail/urls.py: see views.py."""

from django.urls import path, re_path

from campaigns.planning import views

app_name = "planning"

urlpatterns = [
    path("campaigns/", views.campaign_list, name="list"),
    path("campaigns/plan/<int:release_id>/", views.plan, name="plan"),
    path("campaigns/<int:campaign_id>/choose/", views.choose_lists, name="choose_lists"),
    path("campaigns/<int:campaign_id>/audience/", views.audience, name="audience"),
    re_path(
        r"^campaigns/(?P<campaign_id>\d+)/(?P<verb>hold|resume|cancel|lists)/$",
        views.change_campaign,
        name="change_campaign",
    ),
    re_path(
        r"^campaigns/emails/(?P<email_id>\d+)/(?P<verb>hold|resume|cancel|time)/$",
        views.change_email,
        name="change_email",
    ),
]
