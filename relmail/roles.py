"""Who may do what: three groups, their permissions, and the words for a refusal."""

from __future__ import annotations

MARKETER = "Marketer"
RELEASE_MANAGER = "Release manager"
OPERATOR = "Operator"

_LOOK = (
    "releases.view_product", "releases.view_release", "releases.view_furtherversion",
    "releases.view_issue", "releases.view_snapshot", "releases.view_releasechange", "releases.view_syncrun",
    "templates.view_emailtemplate", "templates.view_emailtemplateversion",
    "campaigns.view_client", "campaigns.view_contact", "campaigns.view_contactlist", "campaigns.view_subscription",
    "campaigns.view_suppression", "campaigns.view_contactimport", "campaigns.view_cadence",
    "campaigns.view_cadencestep",
    "campaigns.view_campaign", "campaigns.view_campaignemail", "campaigns.view_transition", "campaigns.view_revision",
    "campaigns.view_draftrun",
    "campaigns.view_promptevaluation", "campaigns.view_comment", "campaigns.view_waiver", "campaigns.view_rendition",
    "campaigns.view_approval",
    "campaigns.view_batch", "campaigns.view_message", "campaigns.view_sender",
    "analytics.view_emailevent", "analytics.view_alert", "analytics.view_hourlyfigure",
)  # fmt: skip

_WRITE = (
    "releases.sync_release", "releases.change_issue", "campaigns.plan_campaign", "campaigns.edit_campaignemail",
    "campaigns.import_contact", "campaigns.change_consent", "campaigns.add_contactlist", "campaigns.change_contactlist",
    "campaigns.add_contact", "campaigns.change_contact", "campaigns.add_client", "campaigns.change_client",
    "templates.add_emailtemplate", "templates.add_emailtemplateversion", "templates.change_emailtemplateversion",
)  # fmt: skip

_DECIDE = (
    "campaigns.approve_campaignemail", "campaigns.hold_campaign", "campaigns.send_campaignemail",
    "templates.publish_emailtemplateversion",
)  # fmt: skip

_OPERATE = (
    "releases.add_product", "releases.change_product", "releases.view_webhookdelivery",
    "releases.view_webhookregistration", "campaigns.change_promptevaluation", "releases.sync_release",
    "releases.change_issue",
    "campaigns.add_cadence", "campaigns.change_cadence", "campaigns.delete_cadence", "campaigns.add_cadencestep",
    "campaigns.change_cadencestep", "campaigns.delete_cadencestep",
    "campaigns.hold_campaign", "campaigns.send_campaignemail", "campaigns.decide_message", "campaigns.stop_sender",
    "campaigns.view_archivedmessage",
    "campaigns.view_warmup", "campaigns.add_warmup", "campaigns.change_warmup", "campaigns.delete_warmup",
    "campaigns.break_glass", "campaigns.view_seedaddress", "campaigns.add_seedaddress", "campaigns.change_seedaddress",
    "campaigns.delete_seedaddress",
    "campaigns.add_suppression", "campaigns.lift_suppression", "campaigns.erase_contact", "campaigns.change_consent",
    "campaigns.import_contact",
    "analytics.view_snsnotification", "analytics.change_alert",
    "django_celery_beat.view_periodictask", "django_celery_beat.change_periodictask",
    "django_celery_beat.view_intervalschedule", "django_celery_beat.add_intervalschedule",
    "django_celery_beat.change_intervalschedule", "django_celery_beat.view_crontabschedule",
    "auth.view_user", "auth.add_user", "auth.change_user", "auth.view_group",
)  # fmt: skip

GROUPS: dict[str, tuple[str, ...]] = {
    MARKETER: _LOOK + _WRITE,
    RELEASE_MANAGER: _LOOK + _WRITE + _DECIDE,
    OPERATOR: _LOOK + _OPERATE,
}


def roles_with(permission: str) -> list[str]:
    """The roles that carry a permission such as "campaigns.approve_campaignemail"."""
    return [group for group, permissions in GROUPS.items() if permission in permissions]


def refusal(permission: str) -> str:
    """The sentence a 403 page shows: which role would be needed."""
    roles = roles_with(permission)
    if not roles:
        return "Your account may not do this. Ask an operator for the right."
    named = f"{', '.join(roles[:-1])} or {roles[-1]}" if len(roles) > 1 else roles[0]
    return f"This needs the role {named}. Ask an operator to add you to it."
