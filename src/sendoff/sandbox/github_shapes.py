"""What GitHub's objects look like on the wire: every required member, and little more.

Vendor's page: the OpenAPI file of api.github.com.
"""

import zlib
from datetime import UTC

from sendoff.sandbox.wire import Json, Obj, text, whole
from sendoff.sandbox.world import Thing, World

LOGIN = "sendoff-bot"
LINKS = ("followers", "subscriptions", "organizations", "repos", "received_events")


def moment(world: World) -> str:
    """Civil time now as GitHub writes it: UTC, whole seconds."""
    return world.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(*parts: str) -> int:
    """A steady database id."""
    return zlib.crc32("/".join(parts).encode())


def user(base: str) -> Obj:
    """The account behind the token."""
    me = f"{base}/users/{LOGIN}"
    return {
        "login": LOGIN,
        "id": number(LOGIN),
        "node_id": f"U_{number(LOGIN)}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number(LOGIN)}",
        "gravatar_id": "",
        "url": me,
        "html_url": f"https://github.com/{LOGIN}",
        "following_url": f"{me}/following{{/other_user}}",
        "gists_url": f"{me}/gists{{/gist_id}}",
        "starred_url": f"{me}/starred{{/owner}}{{/repo}}",
        "events_url": f"{me}/events{{/privacy}}",
        **{f"{one}_url": f"{me}/{one}" for one in LINKS},
        "type": "User",
        "site_admin": False,
    }


def limits(world: World) -> Obj:
    """GET /rate_limit."""
    one: Obj = {"limit": 5000, "used": 10, "remaining": 4990, "reset": int(world.now.timestamp()) + 3600}
    return {"resources": {"core": one, "search": one}, "rate": one}


def repository(repo: Thing, base: str) -> Obj:
    """GET /repos/{owner}/{name}, its telling members."""
    owner, _, name = repo.id.partition("/")
    push = repo.raw.get("push") is True
    return {
        "id": number(repo.id),
        "node_id": f"R_{number(repo.id)}",
        "name": name,
        "full_name": repo.id,
        "private": repo.raw.get("private"),
        "visibility": "private" if repo.raw.get("private") is True else "public",
        "owner": {**user(base), "login": owner, "id": number(owner), "type": "Organization"},
        "html_url": f"https://github.com/{repo.id}",
        "url": f"{base}/repos/{repo.id}",
        "archived": False,
        "disabled": False,
        "default_branch": "main",
        "has_issues": repo.raw.get("has_issues"),
        "permissions": {"admin": False, "maintain": False, "push": push, "triage": push, "pull": True},
    }


def label(repo: Thing, name: Json, base: str) -> Json:
    """A label of a repository."""
    ident = number(repo.id, "label", text(name))
    return {
        "id": ident,
        "node_id": f"LA_{ident}",
        "url": f"{base}/repos/{repo.id}/labels/{text(name)}".replace(" ", "%20"),
        "name": text(name),
        "description": None,
        "color": "ededed",
        "default": False,
    }


def issue(world: World, repo: Thing, thing: Thing, base: str) -> Obj:
    """An issue as GET, POST and PATCH show it."""
    home, ident = f"{base}/repos/{repo.id}", number(thing.id)
    here = f"{home}/issues/{whole(thing.raw.get('number'))}"
    names = thing.raw.get("labels")
    return {
        **thing.raw,
        "id": ident,
        "node_id": f"I_{ident}",
        "url": here,
        "repository_url": home,
        "labels_url": f"{here}/labels{{/name}}",
        "comments_url": f"{here}/comments",
        "events_url": f"{here}/events",
        "html_url": f"https://github.com/{repo.id}/issues/{whole(thing.raw.get('number'))}",
        "user": user(base),
        "labels": [label(repo, one, base) for one in (names if isinstance(names, list) else [])],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "locked": False,
        "comments": sum(1 for one in world.all("github", "comment") if one.place == thing.id),
        "author_association": "MEMBER",
    }


def comment(repo: Thing, of: Thing, thing: Thing, base: str) -> Obj:
    """A comment on an issue."""
    where = f"{base}/repos/{repo.id}/issues"
    page = f"https://github.com/{repo.id}/issues/{whole(of.raw.get('number'))}#issuecomment-{thing.id}"
    return {
        **thing.raw,
        "id": int(thing.id),
        "node_id": f"IC_{thing.id}",
        "url": f"{where}/comments/{thing.id}",
        "html_url": page,
        "issue_url": f"{where}/{whole(of.raw.get('number'))}",
        "user": user(base),
        "author_association": "MEMBER",
    }
