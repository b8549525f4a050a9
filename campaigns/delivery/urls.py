"""Addresses of the delivery room."""

from django.urls import path, re_path

from campaigns.delivery import estimate, groups, views

app_name = "delivery"

urlpatterns = [
    path("sending/unsettled/", views.unsettled, name="unsettled"),
    path("sending/groups/", groups.group_list, name="groups"),
    path("sending/<int:email_id>/group/", groups.decide, name="decide_group"),
    path("sending/sender/", views.sender, name="sender"),
    re_path(
        r"^sending/sender/(?P<verb>stop|start|ask|take_over|bulk|in_flight)/$",
        views.change_sender,
        name="change_sender",
    ),
    path("sending/<int:email_id>/", views.message_list, name="messages"),
    path("sending/<int:email_id>/estimate/", estimate.estimate, name="estimate"),
    path("sending/<int:email_id>/progress/", views.progress, name="progress"),
    path("sending/<int:email_id>/balance/", views.balance, name="balance"),
    path("sending/<int:email_id>/messages.csv", views.export, name="export"),
    path("sending/<int:email_id>/decide/", views.decide, name="decide"),
    re_path(
        r"^sending/(?P<email_id>\d+)/(?P<verb>pause|resume|cancel|stop_and_correct)/$", views.change, name="change"
    ),
]
