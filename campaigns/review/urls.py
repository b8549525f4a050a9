"""Addresses of the review room."""

from django.urls import path

from campaigns.review.views import keeping, page, quality, steps, verbs

app_name = "review"

urlpatterns = [
    path("overview/quality/", quality.figures, name="quality"),
    path("emails/", page.waiting, name="waiting"),
    path("emails/<int:pk>/", page.email, name="email"),
    path("emails/<int:pk>/preview/", page.preview, name="preview"),
    path("emails/<int:pk>/audience/", page.audience_panel, name="audience"),
    path("emails/<int:pk>/audience/<slug:part>/", page.people, name="people"),
    path("emails/<int:pk>/edit/", verbs.edit, name="edit"),
    path("emails/<int:pk>/redraft/", verbs.redraft, name="redraft"),
    path("emails/<int:pk>/submit/", verbs.submit, name="submit"),
    path("emails/<int:pk>/request-changes/", verbs.request_changes, name="request_changes"),
    path("emails/<int:pk>/approve/", verbs.approve, name="approve"),
    path("emails/<int:pk>/withdraw/", verbs.withdraw, name="withdraw"),
    path("emails/<int:pk>/waive/", verbs.waive, name="waive"),
    path("emails/<int:pk>/test/", verbs.send_test, name="send_test"),
    path("emails/<int:pk>/test-seeds/", verbs.send_test_to_seeds, name="send_test_to_seeds"),
    path("emails/<int:pk>/break-glass/", steps.break_glass, name="break_glass"),
    path("emails/<int:pk>/still-true/", steps.still_true, name="still_true"),
    path("emails/<int:pk>/hold/", steps.hold, name="hold"),
    path("emails/<int:pk>/resume/", steps.resume, name="resume"),
    path("emails/<int:pk>/back-to-draft/", steps.back_to_draft, name="back_to_draft"),
    path("emails/<int:pk>/cancel/", steps.cancel, name="cancel"),
    path("emails/<int:pk>/time/", steps.set_time, name="set_time"),
    path("emails/<int:pk>/correct/", steps.correct, name="correct"),
    path("emails/<int:pk>/keep/", keeping.keep, name="keep"),
    path("emails/<int:pk>/leave-out/", keeping.leave_out, name="leave_out"),
    path("emails/<int:pk>/check-links/", keeping.check_links, name="check_links"),
    path("emails/<int:pk>/lock/", verbs.lock, name="lock"),
    path("emails/<int:pk>/comments/", verbs.comment, name="comment"),
    path("emails/<int:pk>/revisions/<int:number>/put-back/", verbs.put_back, name="put_back"),
    path("emails/<int:pk>/comments/<int:comment_pk>/answer/", verbs.answer, name="answer"),
    path("emails/<int:pk>/comments/<int:comment_pk>/resolve/", verbs.resolve_comment, name="resolve_comment"),
    path("emails/<int:pk>/comments/<int:comment_pk>/reopen/", verbs.reopen_comment, name="reopen_comment"),
]
