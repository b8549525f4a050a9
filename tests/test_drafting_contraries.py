"""What contradicts an issue and what only says it in other words: each issue with sentences of both sorts.

The issues are of many products, and each sentence stands for a turn of phrase of any of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from campaigns.drafting import grounding
from campaigns.drafting.facts import Facts
from campaigns.drafting.text import Sentence


@dataclass(frozen=True)
class Told:
    """An issue, sentences that say the same, and sentences that say the contrary."""

    kind: str
    summary: str
    note: str
    same: list[str]
    contrary: list[str]


ISSUES = [
    Told(
        "fix",
        "Locked accounts can still sign in with a passkey",
        "",
        same=[
            "Signing in with a passkey is refused when the account is locked.",
            "A locked account now turns away passkeys.",
            "Passkeys no longer get you into a locked account.",
        ],
        contrary=[
            "Locked accounts can now sign in with a passkey.",
        ],
    ),
    Told(
        "fix",
        "Booking form is missing the VAT field",
        "",
        same=[
            "The booking form has the VAT field again.",
            "The VAT field that the booking form lacked is there.",
            "The booking form now comes with the VAT field it was missing.",
        ],
        contrary=[
            "The booking form no longer has the VAT field.",
            "The VAT field is missing from the booking form.",
        ],
    ),
    Told(
        "fix",
        "Search crashes on umlauts",
        "",
        same=[
            "Umlauts in a search are handled properly.",
            "You can search with umlauts without a crash.",
        ],
        contrary=[
            "Searches with umlauts now crash.",
            "The search cannot cope with umlauts.",
        ],
    ),
    Told(
        "fix",
        "Duplicate invoices are created when a payment is retried",
        "",
        same=[
            "Retrying a payment leaves you with a single invoice.",
            "A retried payment no longer leads to duplicate invoices.",
            "When a payment is retried, only one invoice comes out.",
        ],
        contrary=[
            "Retried payments now create duplicate invoices.",
        ],
    ),
    Told(
        "fix",
        "Attachments are lost when a message is forwarded",
        "",
        same=[
            "Forwarded messages keep their attachments.",
            "Attachments survive when you forward a message.",
            "Forward a message and its attachments go with it.",
            "Lost attachments in forwarded messages are a thing of the past.",
        ],
        contrary=[
            "Attachments are lost when a message is forwarded.",
            "Forwarded messages no longer have attachments.",
        ],
    ),
    Told(
        "improvement",
        "Remove the legacy CSV importer",
        "The legacy CSV importer has been removed. Use the import wizard.",
        same=[
            "The legacy CSV importer is gone; use the import wizard.",
            "We have retired the legacy CSV importer in favour of the import wizard.",
            "The legacy importer for CSV has made way for the import wizard.",
            "There is no legacy CSV importer any more.",
        ],
        contrary=[
            "The legacy CSV importer is still there.",
            "The legacy CSV importer can be used again.",
            "The legacy CSV importer was not removed.",
        ],
    ),
    Told(
        "improvement",
        "Reject uploads larger than 20 MB",
        "Uploads larger than 20 MB are now rejected with a clear message.",
        same=[
            "Uploads of more than 20 MB are turned down with a clear message.",
            "If an upload is larger than 20 MB, you get a clear message and it is not accepted.",
            "Rejected uploads of more than 20 MB now come with a clear message.",
        ],
        contrary=[
            "Uploads larger than 20 MB are now accepted.",
            "Uploads larger than 20 MB are no longer rejected.",
        ],
    ),
    Told(
        "feature",
        "Delete guest accounts after 30 days",
        "Guest accounts that nobody used for 30 days are deleted.",
        same=[
            "Guest accounts disappear after 30 days without use.",
            "Unused guest accounts are cleared away after 30 days.",
            "Guest accounts are deleted once they have been idle for 30 days.",
        ],
        contrary=[
            "Guest accounts are never deleted.",
            "Guest accounts are kept after 30 days.",
        ],
    ),
    Told(
        "improvement",
        "Do not send reminders on public holidays",
        "",
        same=[
            "Reminders stay away on public holidays.",
            "Public holidays are free of reminders.",
            "Reminders are held back on public holidays.",
            "On public holidays no reminders go out.",
        ],
        contrary=[
            "Reminders are now sent on public holidays.",
            "Reminders also go out on public holidays.",
        ],
    ),
    Told(
        "improvement",
        "Hide the price of tickets from guests",
        "",
        same=[
            "Guests do not see the price of tickets.",
            "The price of tickets is hidden from guests.",
            "Guests can no longer see what tickets cost.",
        ],
        contrary=[
            "Guests can now see the price of tickets.",
            "The price of tickets is shown to guests.",
        ],
    ),
    Told(
        "fix",
        "Calendar does not refresh after a booking is cancelled",
        "",
        same=[
            "The calendar is up to date as soon as a booking is cancelled.",
            "Cancelling a booking refreshes the calendar.",
            "The calendar refreshes when you cancel a booking.",
        ],
        contrary=[
            "The calendar does not refresh when a booking is cancelled.",
            "The calendar no longer refreshes after a booking is cancelled.",
        ],
    ),
    Told(
        "fix",
        "Users without a manager cannot file expenses",
        "",
        same=[
            "You can file expenses even if you have no manager.",
            "Expenses can be filed by users who have no manager.",
            "Having no manager does not keep users from filing expenses.",
        ],
        contrary=[
            "Users without a manager can no longer file expenses.",
        ],
    ),
    Told(
        "breaking",
        "Deprecate the XML feed",
        "The XML feed is deprecated and will be removed next year. Use the JSON feed.",
        same=[
            "The XML feed is deprecated; move to the JSON feed.",
            "The XML feed still works but is deprecated.",
            "Say goodbye to the XML feed: it is deprecated, and JSON takes its place.",
        ],
        contrary=[
            "The XML feed is no longer deprecated.",
        ],
    ),
    Told(
        "improvement",
        "Stop logging access tokens",
        "Access tokens no longer appear in the log.",
        same=[
            "Access tokens are kept out of the log.",
            "The log is free of access tokens.",
            "You will not find access tokens in the log.",
        ],
        contrary=[
            "Access tokens are now logged.",
            "Access tokens now appear in the log.",
        ],
    ),
    Told(
        "fix",
        "Wrong tax rate on invoices to Norway",
        "",
        same=[
            "Invoices to Norway carry the right tax rate.",
            "The tax rate on invoices to Norway has been put right.",
            "The tax rate was wrong on invoices to Norway; it no longer is.",
        ],
        contrary=[
            "Invoices to Norway now have the wrong tax rate.",
        ],
    ),
    Told(
        "fix",
        "Unread badge remains after all messages are deleted",
        "",
        same=[
            "The unread badge goes away once all messages are deleted.",
            "Deleting all messages clears the unread badge.",
            "When all messages are deleted, the unread badge disappears too.",
        ],
        contrary=[
            "The unread badge remains after all messages are deleted.",
        ],
    ),
    Told(
        "improvement",
        "Skip archived projects in the weekly report",
        "",
        same=[
            "The weekly report leaves out archived projects.",
            "Archived projects are no longer part of the weekly report.",
            "The weekly report is limited to projects that are not archived.",
        ],
        contrary=[
            "The weekly report now covers archived projects.",
            "Archived projects are now in the weekly report.",
        ],
    ),
    Told(
        "fix",
        "Race condition between two editors corrupts the draft",
        "",
        same=[
            "Two editors can work at the same time without corrupting the draft.",
            "The draft is no longer corrupted when two editors get in each other's way.",
        ],
        contrary=[
            "Two editors now corrupt the draft.",
        ],
    ),
    Told(
        "improvement",
        "Disable auto-play of videos by default",
        "Videos no longer start by themselves. You can turn it on in the settings.",
        same=[
            "Videos wait until you start them, unless you turn auto-play on in the settings.",
            "Auto-play of videos is off by default.",
            "By default videos no longer play by themselves; the settings let you turn it on.",
        ],
        contrary=[
            "Videos now start by themselves.",
            "Auto-play of videos is on by default.",
        ],
    ),
    Told(
        "feature",
        "Allow to undo the deletion of a folder",
        "A deleted folder can be restored within 14 days.",
        same=[
            "You have 14 days to bring back a folder you deleted.",
            "Deleted folders are not gone at once: you can restore them within 14 days.",
            "Deleting a folder can be undone for 14 days.",
        ],
        contrary=[
            "The deletion of a folder cannot be undone.",
            "A deleted folder can no longer be restored.",
        ],
    ),
    Told(
        "fix",
        "Export ignores the selected time zone",
        "",
        same=[
            "The export respects the selected time zone.",
            "The selected time zone is no longer ignored by the export.",
            "The time zone you select now counts in the export.",
        ],
        contrary=[
            "The export ignores the selected time zone.",
            "The export now disregards the selected time zone.",
        ],
    ),
    Told(
        "fix",
        "Memory leak in the map view",
        "",
        same=[
            "The map view no longer leaks memory.",
            "A memory leak in the map view has been plugged.",
            "The leak in the map view is gone.",
        ],
        contrary=[
            "The map view now leaks memory.",
        ],
    ),
    Told(
        "improvement",
        "Warn before overwriting an existing template",
        "You are now warned before an existing template is overwritten.",
        same=[
            "Before an existing template is overwritten you get a warning.",
            "Overwriting an existing template now asks you first.",
            "A warning appears before you overwrite an existing template.",
        ],
        contrary=[
            "You are no longer warned before an existing template is overwritten.",
            "Existing templates are overwritten without a warning.",
        ],
    ),
    Told(
        "security",
        "Expired API keys are accepted",
        "Expired API keys are now rejected.",
        same=[
            "Expired API keys are no longer accepted.",
            "API keys that have expired are turned away.",
            "An expired API key now gets a refusal.",
        ],
        contrary=[
            "Expired API keys are now accepted.",
            "Expired API keys are no longer rejected.",
        ],
    ),
    Told(
        "fix",
        "Printer settings reset after restart",
        "",
        same=[
            "Printer settings survive a restart.",
            "A restart no longer resets the printer settings.",
            "Your printer settings are kept when you restart.",
        ],
        contrary=[
            "Printer settings are reset after a restart.",
        ],
    ),
    Told(
        "improvement",
        "Show an error when the disk is full",
        "When the disk is full, an error is shown instead of a blank page.",
        same=[
            "A full disk now brings up an error and no longer a blank page.",
            "If the disk is full, you see an error.",
            "You now see an error rather than a blank page when there is no space on the disk.",
        ],
        contrary=[
            "No error is shown when the disk is full.",
            "When the disk is full, a blank page is shown.",
        ],
    ),
    Told(
        "fix",
        "Tooltips are cut off on small screens",
        "",
        same=[
            "Tooltips are shown in full on small screens.",
            "On small screens tooltips are no longer cut off.",
            "Small screens show the whole tooltip.",
        ],
        contrary=[
            "Tooltips are now cut off on small screens.",
        ],
    ),
    Told(
        "fix",
        "Timeout while saving large documents",
        "",
        same=[
            "Large documents can be saved without running into a timeout.",
            "Saving large documents does not time out any more.",
            "You can save large documents again; the timeout has been cured.",
        ],
        contrary=[
            "Saving large documents now runs into a timeout.",
        ],
    ),
    Told(
        "other",
        "Drop support for Python 3.8",
        "",
        same=[
            "Python 3.8 is not supported any more.",
            "Support for Python 3.8 has ended.",
            "Python 3.8 is out of support.",
        ],
        contrary=[
            "Python 3.8 is now supported.",
            "Python 3.8 is supported again.",
        ],
    ),
    Told(
        "improvement",
        "Members can leave a group without approval",
        "",
        same=[
            "You can leave a group on your own; nobody has to approve it.",
            "Members no longer need approval to leave a group.",
            "Leaving a group takes no approval.",
        ],
        contrary=[
            "Members can no longer leave a group without approval.",
            "Members need approval to leave a group.",
        ],
    ),
    Told(
        "improvement",
        "Only admins may invite guests",
        "Guests can now be invited by admins only.",
        same=[
            "Inviting guests is reserved for admins.",
            "Members who are not admins can no longer invite guests.",
            "Guests can be invited by nobody but admins.",
        ],
        contrary=[
            "Every member can invite guests.",
            "Admins can no longer invite guests.",
        ],
    ),
    Told(
        "fix",
        "Sort order is lost when the page is reloaded",
        "",
        same=[
            "The sort order stays when the page is reloaded.",
            "Reloading the page keeps the sort order.",
            "After a reload the page has the same sort order as before.",
        ],
        contrary=[
            "The sort order is lost when the page is reloaded.",
        ],
    ),
    Told(
        "fix",
        "Deleted comments still show up in the feed",
        "",
        same=[
            "Deleted comments no longer turn up in the feed.",
            "The feed leaves out deleted comments.",
            "Once a comment is deleted, it vanishes from the feed.",
        ],
        contrary=[
            "Deleted comments show up in the feed.",
            "Deleted comments now show up in the feed.",
        ],
    ),
    Told(
        "improvement",
        "Prevent double booking of meeting rooms",
        "A meeting room can no longer be booked twice for the same time.",
        same=[
            "Nobody can book a meeting room that is taken at the same time.",
        ],
        contrary=[
            "A meeting room can be booked twice for the same time.",
            "Double booking of meeting rooms is now possible.",
        ],
    ),
    Told(
        "improvement",
        "Failed jobs are retried three times",
        "",
        same=[
            "A job that fails gets three more tries.",
            "Failed jobs get three further attempts.",
            "If a job fails, it is retried three times.",
        ],
        contrary=[
            "Failed jobs are no longer retried.",
            "Failed jobs are never retried.",
        ],
    ),
    Told(
        "fix",
        "Video freezes when the network drops",
        "",
        same=[
            "The video goes on when the network drops.",
            "A dropped network no longer freezes the video.",
            "Losing the network does not freeze the video any more.",
        ],
        contrary=[
            "The video freezes when the network drops.",
            "The video now hangs when the network drops.",
        ],
    ),
    Told(
        "improvement",
        "Remove unused fonts from the bundle",
        "",
        same=[
            "The bundle no longer carries fonts that nothing uses.",
            "The bundle has been stripped of unused fonts.",
            "Fonts that were not used are gone from the bundle.",
        ],
        contrary=[
            "Unused fonts are now part of the bundle.",
            "Unused fonts were added to the bundle.",
        ],
    ),
    Told(
        "fix",
        "Negative amounts are not allowed in refunds",
        "",
        same=[
            "Refunds can have negative amounts.",
            "You can enter negative amounts in refunds.",
            "Refunds now take negative amounts.",
        ],
        contrary=[
            "Negative amounts are not allowed in refunds.",
        ],
    ),
    Told(
        "fix",
        "Report fails if a department has no members",
        "",
        same=[
            "The report works for a department with no members.",
            "A department without members no longer makes the report fail.",
            "The report is made even if a department is empty.",
        ],
        contrary=[
            "The report fails if a department has no members.",
        ],
    ),
    Told(
        "fix",
        "Guests should not see the staff directory",
        "",
        same=[
            "The staff directory is hidden from guests.",
            "Guests no longer see the staff directory.",
            "The staff directory is closed to guests.",
        ],
        contrary=[
            "Guests can now see the staff directory.",
            "Guests now see the staff directory.",
        ],
    ),
    Told(
        "feature",
        "Add dark mode to the mobile app",
        "The mobile app follows the theme of the phone, or a theme that you choose in the settings.",
        same=[
            "The mobile app now has a dark mode; by default it goes by the theme of your phone.",
            "Dark mode has come to the mobile app, and you can choose the theme in the settings.",
            "Prefer it dark? The mobile app can now do that.",
        ],
        contrary=[
            "The web app now has a dark mode.",
            "The mobile app no longer has a dark mode.",
            "Dark mode in the mobile app saves battery.",
        ],
    ),
    Told(
        "fix",
        "Session expires while a form is being filled in",
        "",
        same=[
            "Filling in a long form no longer ends your session.",
            "Your session stays alive while you fill in a form.",
        ],
        contrary=[
            "The session expires while you fill in a form.",
            "Sessions now last 60 minutes.",
            "The session now expires 15 minutes after the last request.",
        ],
    ),
    Told(
        "improvement",
        "Limit search results to 500",
        "Searches return at most 500 results. Narrow the search to see others.",
        same=[
            "A search now stops at 500 results.",
            "You get no more than 500 results per search; narrow it to see others.",
            "Search results are capped at 500.",
        ],
        contrary=[
            "A search now returns more than 500 results.",
            "Searches are no longer limited to 500 results.",
            "A search returns at most 5000 results.",
        ],
    ),
    Told(
        "breaking",
        "Remove basic authentication from the API",
        "Basic authentication has been removed from the API. Create a token and send it as bearer.",
        same=[
            "The API no longer takes basic authentication; create a token and send it as bearer.",
            "Basic authentication is gone from the API.",
            "If your scripts use basic authentication with the API, switch them to a bearer token.",
        ],
        contrary=[
            "Basic authentication is still supported by the API.",
            "The API now supports basic authentication.",
        ],
    ),
    Told(
        "fix",
        "Chart legend overlaps the axis when there are many series",
        "",
        same=[
            "The legend of a chart keeps clear of the axis, however many series there are.",
            "Charts with many series no longer have a legend on top of the axis.",
            "With many series the chart legend no longer runs into the axis.",
        ],
        contrary=[
            "The chart legend now overlaps the axis when there are many series.",
            "Charts with many series are drawn twice as fast.",
        ],
    ),
    Told(
        "improvement",
        "Retry webhooks with exponential backoff",
        "A webhook that fails is sent again up to 8 times within 24 hours.",
        same=[
            "Webhooks that fail are tried again, up to 8 times in 24 hours.",
            "When a webhook fails it is not given up at once but sent again up to 8 times.",
        ],
        contrary=[
            "A failed webhook is sent again up to 8 times within 12 hours.",
            "Webhooks that fail are not sent again.",
            "A webhook that fails is sent again up to 10 times within 24 hours.",
            "Failed webhooks now notify the admin.",
        ],
    ),
    Told(
        "security",
        "CSRF token is not checked on logout",
        "",
        same=[
            "The CSRF token is now checked when you log out.",
            "Logging out now checks the CSRF token.",
            "We closed a gap: on logout the CSRF token was not checked.",
        ],
        contrary=[
            "The CSRF token is not checked on logout.",
            "The CSRF token is no longer checked on logout.",
            "The CSRF token is now checked on login.",
        ],
    ),
    Told(
        "feature",
        "Import of contacts from vCard",
        "Contacts can be imported from vCard files (.vcf), up to 1000 at a time. Photos are not imported.",
        same=[
            "You can import up to 1000 contacts at once from vCard files; photos are left out.",
            "vCard files can be imported, though without the photos.",
            "Contacts come in from .vcf files, 1000 at most at a time.",
        ],
        contrary=[
            "Contacts can be exported to vCard files.",
            "Photos are imported along with the contacts from vCard files.",
            "You can import up to 1000 contacts from Outlook.",
            "Up to 10000 contacts can be imported from vCard files at a time.",
        ],
    ),
    Told(
        "fix",
        "Notifications are sent to users who left the project",
        "",
        same=[
            "Whoever left a project gets no more notifications from it.",
            "Users who left the project are no longer notified.",
            "Notifications stop once a user has left the project.",
        ],
        contrary=[
            "Users who left the project now get notifications.",
            "Notifications are sent to users who left the project.",
        ],
    ),
    Told(
        "improvement",
        "Faster loading of the dashboard",
        "The dashboard loads its widgets in parallel.",
        same=[
            "Dashboard widgets load in parallel, which makes the dashboard faster.",
            "The dashboard is quicker to load since its widgets come in parallel.",
            "Widgets on the dashboard no longer wait for each other.",
        ],
        contrary=[
            "The dashboard now loads twice as fast.",
        ],
    ),
    Told(
        "improvement",
        "Mark overdue tasks in red",
        "",
        same=[
            "Overdue tasks now stand out in red.",
            "Tasks that are overdue are marked in red.",
            "Red now marks the tasks that are overdue.",
        ],
        contrary=[
            "Overdue tasks are no longer marked in red.",
        ],
    ),
    Told(
        "fix",
        "Undo does not work after switching tabs",
        "",
        same=[
            "Undo works after you switch tabs.",
            "You can still undo after switching tabs.",
            "Switching tabs no longer breaks undo.",
            "Switching tabs does not take undo away from you any more.",
        ],
        contrary=[
            "Undo does not work after switching tabs.",
            "Undo no longer works after you switch tabs.",
        ],
    ),
    Told(
        "improvement",
        "Do not index private pages",
        "Private pages are left out of the search index.",
        same=[
            "Private pages stay out of the search index.",
            "The search index no longer has private pages in it.",
            "Private pages are not indexed.",
        ],
        contrary=[
            "Private pages are now indexed.",
            "The search index now includes private pages.",
            "Public pages are left out of the search index.",
        ],
    ),
    Told(
        "feature",
        "Two-factor authentication by app",
        "Users can protect their account by an authenticator app. Admins can require it for all users.",
        same=[
            "Accounts can be protected with an authenticator app, and admins may require it of everyone.",
            "You can now secure your account with a second factor from an authenticator app.",
            "Admins can make the authenticator app mandatory for all users.",
        ],
        contrary=[
            "Accounts can be protected by text message.",
            "Admins cannot require the authenticator app.",
        ],
    ),
    Told(
        "fix",
        "Rounding error in the VAT of partial refunds",
        "",
        same=[
            "The VAT of partial refunds is rounded correctly.",
            "Partial refunds no longer show a rounding error in the VAT.",
            "We fixed the rounding of VAT in partial refunds.",
        ],
        contrary=[
            "The VAT of partial refunds has a rounding error.",
            "The VAT of partial refunds is no longer rounded.",
        ],
    ),
    Told(
        "improvement",
        "Keep audit log for 2 years",
        "The audit log is kept for 2 years instead of 90 days.",
        same=[
            "The audit log now goes back 2 years, where it used to be 90 days.",
            "Entries of the audit log are kept for 2 years rather than 90 days.",
            "You can look back 24 months in the audit log.",
        ],
        contrary=[
            "The audit log is now kept for 90 days instead of 2 years.",
            "The audit log is kept for 3 years.",
            "The audit log is deleted after 90 days.",
        ],
    ),
    Told(
        "fix",
        "Comments with emoji cannot be saved",
        "",
        same=[
            "Comments may contain emoji.",
            "You can save comments that have emoji in them.",
            "Emoji in a comment no longer keep it from being saved.",
            "Emoji no longer stand in the way of saving a comment.",
        ],
        contrary=[
            "Comments with emoji can no longer be saved.",
            "Comments with emoji cannot be saved.",
        ],
    ),
    Told(
        "improvement",
        "Require a reason when an order is cancelled",
        "Whoever cancels an order now has to give a reason.",
        same=[
            "Cancelling an order now takes a reason.",
            "An order cannot be cancelled without a reason any more.",
            "You have to say why when you cancel an order.",
        ],
        contrary=[
            "An order can be cancelled without a reason.",
            "A reason is optional when an order is cancelled.",
            "No reason is needed any more to cancel an order.",
        ],
    ),
    Told(
        "feature",
        "Webhook for deleted records",
        "A webhook is sent when a record is deleted.",
        same=[
            "When a record is deleted, a webhook goes out.",
            "There is now a webhook for records that are deleted.",
            "Deleting a record triggers a webhook.",
        ],
        contrary=[
            "A webhook is sent when a record is created.",
            "No webhook is sent when a record is deleted.",
        ],
    ),
    Told(
        "fix",
        "App freezes for a second when the keyboard opens",
        "",
        same=[
            "The app no longer freezes when the keyboard opens.",
            "Opening the keyboard does not stall the app any more.",
            "The keyboard opens without freezing the app.",
        ],
        contrary=[
            "The app freezes when the keyboard opens.",
            "The app now freezes for two seconds when the keyboard opens.",
        ],
    ),
    Told(
        "other",
        "Upgrade the bundled PostgreSQL driver from 42.5 to 42.7",
        "",
        same=[
            "The PostgreSQL driver that comes with it is now at 42.7.",
            "The bundled driver for PostgreSQL moves to 42.7.",
            "PostgreSQL driver 42.7 takes the place of 42.5.",
        ],
        contrary=[
            "The bundled PostgreSQL driver is now at 42.8.",
            "The bundled MySQL driver is now at 42.7.",
            "The bundled PostgreSQL driver went back from 42.7 to 42.5.",
        ],
    ),
    Told(
        "improvement",
        "Admins can see failed log-ins",
        "A page lists the failed log-ins of the last 7 days with address and time.",
        same=[
            "Admins have a page of the failed log-ins of the last 7 days, with address and time.",
            "Failed log-ins of the past week can be looked up by admins.",
            "Which log-ins failed in the last 7 days is shown to admins, along with address and time.",
        ],
        contrary=[
            "Admins can no longer see failed log-ins.",
            "A page lists the failed log-ins of the last 30 days.",
        ],
    ),
    Told(
        "fix",
        "Empty folders are missing from the archive",
        "",
        same=[
            "Archives contain empty folders too.",
            "Empty folders are now part of the archive.",
            "The archive no longer leaves out empty folders.",
        ],
        contrary=[
            "Empty folders are no longer part of the archive.",
            "Empty folders are missing from the archive.",
            "The archive leaves out empty folders.",
        ],
    ),
    Told(
        "improvement",
        "Disable editing while a document is under review",
        "While a document is under review, nobody can edit it.",
        same=[
            "A document is locked against editing while it is under review.",
            "Documents under review are read-only.",
            "As long as a document is under review, it cannot be edited.",
        ],
        contrary=[
            "Documents under review can be edited.",
            "While a document is under review, everybody can edit it.",
            "Documents under review can now be edited.",
        ],
    ),
    Told(
        "improvement",
        "Automatically archive inactive channels",
        "Channels without a message for 6 months are archived. Archived channels can be reopened by their members.",
        same=[
            "Channels with no message for 6 months are archived, and their members can reopen them.",
            "After half a year without a message a channel is archived.",
            "Inactive channels are archived automatically after 6 months.",
        ],
        contrary=[
            "Channels without a message for 6 months are deleted.",
            "Archived channels cannot be reopened.",
            "Channels without a message for 3 months are archived.",
            "Archived channels can be reopened by admins only.",
        ],
    ),
    Told(
        "fix",
        "Scheduler starts job twice after leader election",
        "",
        same=[
            "A job is started only once when a new leader is elected.",
            "A change of leader in the very minute a job is due no longer starts it a second time.",
        ],
        contrary=[
            "After a leader election the scheduler starts jobs twice.",
            "Jobs are no longer started after a leader election.",
            "The scheduler now elects its leader twice as fast.",
        ],
    ),
    Told(
        "improvement",
        "Store thumbnails in object storage",
        "Thumbnails are now written to object storage. Run wren thumbs move once to move the old ones.",
        same=[
            "Thumbnails now go to object storage; wren thumbs move takes the old ones along.",
            "Object storage is the new home of thumbnails.",
        ],
        contrary=[
            "Thumbnails are now written to the database.",
            "Thumbnails are no longer written to object storage.",
            "Thumbnails and videos are now written to object storage.",
        ],
    ),
    Told(
        "feature",
        "Bulk edit of prices",
        "Select up to 200 products and change prices by an amount or a percentage. Changes can be undone for one hour.",
        same=[
            "The prices of up to 200 products can be changed in one go, by an amount or by percent.",
            "Changed your mind? Within an hour a bulk change of prices can be undone.",
            "Select as many as 200 products and change all of their prices together.",
        ],
        contrary=[
            "Prices of up to 2000 products can be changed at once.",
            "Bulk changes of prices cannot be undone.",
        ],
    ),
    Told(
        "fix",
        "Login page shows raw translation keys in Czech",
        "",
        same=[
            "The log-in page shows proper Czech texts and no more raw translation keys.",
            "Czech users see words again on the login page where there were translation keys.",
        ],
        contrary=[
            "The login page shows raw translation keys in Czech.",
            "The login page has been translated into Polish.",
        ],
    ),
    Told(
        "improvement",
        "Increase upload limit from 50 MB to 200 MB",
        "",
        same=[
            "Uploads may now be as large as 200 MB.",
            "The limit for uploads has gone up from 50 to 200 MB.",
        ],
        contrary=[
            "The upload limit falls from 200 MB to 50 MB.",
            "Uploads may be up to 250 MB.",
            "There is no limit for uploads any more.",
        ],
    ),
    Told(
        "breaking",
        "API v1 is switched off",
        "API v1 answers with status 410 from this release on. Move your clients to API v2.",
        same=[
            "API v1 has been switched off and answers with status 410; move your clients to API v2.",
            "Clients that still use API v1 get status 410 and have to move to v2.",
        ],
        contrary=[
            "API v1 answers with status 404.",
        ],
    ),
    Told(
        "security",
        "Password reset link can be used twice",
        "A reset link now works once and expires after 20 minutes.",
        same=[
            "A link to reset the password can be used a single time and expires after 20 minutes.",
            "Links for resetting a password are no longer good for a second use.",
        ],
        contrary=[
            "A reset link can be used twice.",
            "Reset links no longer expire.",
            "A reset link now expires after 20 hours.",
            "Reset links are now sent by text message.",
        ],
    ),
    Told(
        "fix",
        "Cannot delete a tag that is in use",
        "",
        same=[
            "Tags can be deleted even when they are in use.",
            "A tag in use no longer resists deletion.",
            "You can delete a tag while it is still being used.",
        ],
        contrary=[
            "Tags that are in use can no longer be deleted.",
            "Tags in use cannot be deleted.",
            "Tags that are in use are now deleted automatically.",
        ],
    ),
    Told(
        "improvement",
        "Show last sign-in in the list of users",
        "",
        same=[
            "The list of users tells when each of them last signed in.",
            "You can now see the last sign-in of each user in the list.",
            "In the list of users you find their last sign-in.",
        ],
        contrary=[
            "The list of users no longer shows the last sign-in.",
        ],
    ),
    Told(
        "other",
        "Update Node to 20 and React to 18.3",
        "",
        same=[
            "Two upgrades under the hood: Node 20 and React 18.3.",
            "Node is now at 20 and React at 18.3.",
            "We moved to Node 20 and React 18.3.",
        ],
        contrary=[
            "Node is now at 22 and React at 18.3.",
            "Node 20 makes the app start faster.",
            "Node has been replaced by Deno.",
        ],
    ),
    Told(
        "improvement",
        "Poll status every 30 seconds instead of every 5 minutes",
        "",
        same=[
            "The status is now polled every 30 seconds; it was every 5 minutes.",
        ],
        contrary=[
            "The status is polled every 5 minutes instead of every 30 seconds.",
            "The status is now polled every 3 seconds.",
            "The status is no longer polled.",
        ],
    ),
    Told(
        "fix",
        "Export hangs if a sheet has no rows",
        "",
        same=[
            "An empty sheet no longer makes the export hang.",
            "The export gets through even when a sheet has no rows.",
            "Sheets with no rows no longer bring the export to a halt.",
        ],
        contrary=[
            "The export hangs if a sheet has no rows.",
        ],
    ),
    Told(
        "feature",
        "Read receipts",
        "Senders see who has read a message. Users can turn read receipts off for themselves.",
        same=[
            "You can see who has read your message, and anybody may turn read receipts off for themselves.",
            "Read receipts tell senders who has read a message.",
        ],
        contrary=[
            "Read receipts cannot be turned off.",
            "Admins see who has read a message.",
            "Senders no longer see who has read a message.",
        ],
    ),
    Told(
        "improvement",
        "Hide disabled users in the mention list",
        "",
        same=[
            "Disabled users no longer appear in the mention list.",
            "The mention list leaves out disabled users.",
            "Users who are disabled are not offered in the mention list.",
        ],
        contrary=[
            "Disabled users now appear in the mention list.",
            "Disabled users are shown in the mention list.",
        ],
    ),
    Told(
        "fix",
        "Discount is applied before tax instead of after tax",
        "",
        same=[
            "The discount is now applied after tax.",
            "Discounts come after tax, as they should, and not before it.",
            "The discount is no longer taken off before tax.",
        ],
        contrary=[
            "The discount is now applied before tax.",
            "The discount is applied before tax instead of after tax.",
        ],
    ),
]
FACTS = Facts.from_json(
    {
        "product": {"key": "LRK", "name": "Lark"},
        "release": {"name": "4.2", "release_date": "2026-11-25"},
        "issues": [
            {"key": f"LRK-{number}", "kind": told.kind, "summary": told.summary, "note": told.note}
            for number, told in enumerate(ISSUES, 1)
        ],
    }
)


def rules(text: str, number: int) -> set[str]:
    checker = grounding.checker(FACTS)
    return {finding.rule for finding in checker.check_sentence(Sentence(text, (f"LRK-{number}",)))}


@pytest.mark.parametrize(
    ("number", "text"), [(number, text) for number, told in enumerate(ISSUES, 1) for text in told.same]
)
def test_the_same_in_other_words_is_no_contrary(number: int, text: str) -> None:
    assert rules(text, number) == set()


@pytest.mark.parametrize(
    ("number", "text"), [(number, text) for number, told in enumerate(ISSUES, 1) for text in told.contrary]
)
def test_the_contrary_of_an_issue_warns(number: int, text: str) -> None:
    assert rules(text, number)
