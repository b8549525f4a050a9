"""Every address of relmail. Each room names its own paths; all of them hang from the root."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path, reverse_lazy

from campaigns.planning import urls as planning
from relmail import campaign_page, views

# The page of a campaign shows what every room knows of it, so it lies here; its name stays `planning:campaign`.
planning_pages = [
    *planning.urlpatterns,
    path("campaigns/<int:campaign_id>/", campaign_page.campaign, name="campaign"),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("agenda/", views.calendar, name="agenda"),
    path("agenda/<int:pk>/", views.clashes, name="clashes"),
    path("search/", views.found, name="search"),
    path("healthz", views.healthz, name="healthz"),
    path("login/", auth_views.LoginView.as_view(), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path(
        "password/",
        auth_views.PasswordChangeView.as_view(success_url=reverse_lazy("home")),
        name="password_change",
    ),
    path("", include("releases.urls")),
    path("", include("templates.urls")),
    path("", include("campaigns.audience.urls")),
    path("", include((planning_pages, planning.app_name))),
    path("", include("campaigns.review.urls")),
    path("", include("campaigns.delivery.urls")),
    path("", include("campaigns.notices.urls")),
    path("", include("analytics.urls")),
    path("admin/", admin.site.urls),
]

handler403 = "relmail.views.refused"
handler404 = "relmail.views.not_found"
