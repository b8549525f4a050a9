"""What a project lead does in Jira by hand: release, move, archive, merge, edit. Each sends Jira's webhook."""

from __future__ import annotations

import datetime
import time
from typing import Any

from relmail.simulator.jira import answers
from relmail.simulator.jira.data import JiraData, fix_version_ids
from relmail.simulator.jira.webhooks import WebhookSender

Json = dict[str, Any]


class Changes:
    """The changes that the control page and tests can make; each raises KeyError for an unknown id or key."""

    def __init__(self, data: JiraData, sender: WebhookSender, root: str) -> None:
        self.data = data
        self.sender = sender
        self.root = root

    def release_version(self, version: str) -> Json:
        """Mark a version as released today."""
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        return self._version(version, "released", released=True, releaseDate=today)

    def unrelease_version(self, version: str) -> Json:
        """Take the release back."""
        return self._version(version, "unreleased", released=False)

    def move_version(self, version: str, date: str | None) -> Json:
        """Set another release date (`YYYY-MM-DD`), or none."""
        if date is not None:
            datetime.date.fromisoformat(date)
        return self._version(version, "updated", releaseDate=date)

    def rename_version(self, version: str, name: str) -> Json:
        """Give a version another name."""
        return self._version(version, "updated", name=name)

    def archive_version(self, version: str) -> Json:
        """Archive a version. Jira says archived=false in this webhook all the same (JRASERVER-71000)."""
        return self._version(version, "archived", archived=True)

    def add_version(self, project: str, name: str, date: str | None = None) -> Json:
        """A new version in a project."""
        with self.data.lock:
            owner = self.data.projects[project]
            row = {"id": self.data.new_id(), "name": name, "archived": False, "released": False, "description": ""}
            if date:
                row["releaseDate"] = date
            self.data.versions[str(row["id"])] = {**row, "projectId": int(owner["id"])}
        return self._version(str(row["id"]), "created")

    def delete_version(self, version: str) -> Json:
        """Delete a version; its issues lose it."""
        return self._remove(version, {})

    def merge_version(self, version: str, into: str) -> Json:
        """Merge a version into another; Jira reports it as deleted, with `mergedTo`."""
        self._known(into)
        with self.data.lock:
            for issue in self.data.issues_of_version(version):
                if into not in fix_version_ids(issue):
                    issue["fields"]["fixVersions"].append({"id": into})
        return self._remove(version, {"mergedTo": int(into)})

    def edit_issue(self, key: str, fields: Json) -> Json:
        """Change fields of an issue, in the shape of Jira's `fields`."""
        with self.data.lock:
            issue = self.data.issues[key]
            items = [
                {"field": name, "fieldtype": "jira", "fromString": str(before), "toString": str(after)}
                for name, before, after in [(name, issue["fields"].get(name), fields[name]) for name in fields]
            ]
            issue["fields"].update(fields, updated=_now())
        return self._issue(key, "updated", {"changelog": {"id": str(int(time.time())), "items": items}})

    def add_issue(self, key: str, fields: Json, version: str = "") -> Json:
        """A new issue, under a version if one is given."""
        with self.data.lock:
            project = self.data.projects[key.rpartition("-")[0]]
            base = {
                "issuetype": {"name": "Task", "subtask": False}, "status": {"name": "To Do"}, "resolution": None,
                "components": [], "labels": [], "fixVersions": [{"id": version}] if version else [],
                "project": {"key": project["key"], "name": project["name"]}, "security": None, "description": None,
                "created": _now(), "updated": _now(),
            }  # fmt: skip
            self.data.issues[key] = {"id": self.data.new_id(), "key": key, "fields": {**base, **fields}}
        return self._issue(key, "created", {})

    def delete_issue(self, key: str) -> Json:
        """Delete an issue."""
        sent = self._issue(key, "deleted", {})
        with self.data.lock:
            del self.data.issues[key]
        return sent

    def remove_issue_from_version(self, key: str, version: str) -> Json:
        """Take an issue out of a release."""
        with self.data.lock:
            rows = [row for row in self.data.issues[key]["fields"]["fixVersions"] if str(row.get("id")) != version]
        return self.edit_issue(key, {"fixVersions": rows})

    def _known(self, version: str) -> Json:
        if version not in self.data.versions:
            raise KeyError(f"no version with id {version}")
        return self.data.versions[version]

    def _version(self, version: str, event: str, **changes: Any) -> Json:
        with self.data.lock:
            row = {**self._known(version), **changes}
            self.data.versions[version] = row
            shown = answers.version(row, self.root, "2")
        shown["archived"] = False
        if event == "released":
            # As captured from Jira Cloud: only the localised date comes along.
            shown.pop("releaseDate", None)
        self._send(f"jira:version_{event}", {"version": shown})
        return row

    def _remove(self, version: str, extra: Json) -> Json:
        with self.data.lock:
            row = self._known(version)
            shown = answers.version(row, self.root, "2")
            del self.data.versions[version]
            for issue in self.data.issues.values():
                for name in ("fixVersions", "versions"):
                    rows = issue["fields"].get(name) or []
                    if any(str(one.get("id")) == version for one in rows):
                        issue["fields"][name] = [one for one in rows if str(one.get("id")) != version]
        self._send("jira:version_deleted", {"version": shown, **extra})
        return row

    def _issue(self, key: str, event: str, extra: Json) -> Json:
        with self.data.lock:
            shown = answers.issue(self.data.issues[key], ["*all"], self.root, "2", self.data)
        extra = {"issue_event_type_name": f"issue_{event}", **extra}
        self._send(f"jira:issue_{event}", {"issue": shown, **extra})
        return shown

    def _send(self, event: str, payload: Json) -> None:
        self.sender.send({"timestamp": int(time.time() * 1000), "webhookEvent": event, **payload})


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
