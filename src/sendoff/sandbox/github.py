"""GitHub's issues, played: repositories, issues, comments and labels behind a bearer token.

Vendor's page: docs.github.com/rest/issues. What a token does not see is a 404; without push labels vanish silently.
"""

import re

from sendoff.sandbox import github_shapes as shapes
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, arr, loads, text, whole
from sendoff.sandbox.world import Thing, World

DOCS = "https://docs.github.com/rest"
VERSIONS = ("", "2022-11-28", "2026-03-10")
LONGEST, TITLE, PAGE, MOST = 65_536, 256, 30, 100
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


def serve(world: World, request: Request) -> Response:
    """Answer one call. Errors: {message, documentation_url} with 400, 401, 403, 404, 410, 422."""
    found = _serve(world, request)
    left = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4990", "X-GitHub-Media-Type": "github.v3"}
    return found.with_headers(left)


def refuse(status: int, code: str, why: str) -> Response:
    """GitHub's error body. A throttled call is a 403 with the secondary limit's text (429 exists as well)."""
    if (status, code) == (429, "TooManyRequests"):
        status, why = 403, SECONDARY
    return answer(status, {"message": why, "documentation_url": DOCS, "status": str(status)})


def _serve(world: World, request: Request) -> Response:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "token") or token != text(world.msp, "github", "token"):
        return refuse(401, "", "Bad credentials" if token else "Requires authentication")
    world.record.caller = f"github:{shapes.LOGIN}"
    if request.headers.get("x-github-api-version", "") not in VERSIONS:
        return refuse(400, "", f"API version '{request.headers['x-github-api-version']}' is not supported.")
    parts = [one for one in request.path.split("/") if one]
    if parts == ["user"]:
        return answer(200, shapes.user(request.base))
    if parts == ["rate_limit"]:
        return answer(200, shapes.limits(world))
    if len(parts) < 3 or parts[0] != "repos":
        return _missing()
    repo = world.get("github", "repository", f"{parts[1]}/{parts[2]}")
    if repo is None or repo.raw.get("seen") is not True:
        return _missing()
    return _repository(world, repo, parts[3:], request)


def _missing() -> Response:
    return refuse(404, "", "Not Found")


def _invalid(field: str, why: str, resource: str = "Issue") -> Response:
    wrong: Json = [{"resource": resource, "code": "custom", "field": field, "message": why}]
    body: Obj = {"message": "Validation Failed", "errors": wrong, "documentation_url": DOCS, "status": "422"}
    return answer(422, body)


def _repository(world: World, repo: Thing, rest: list[str], request: Request) -> Response:
    if not rest:
        return answer(200, shapes.repository(repo, request.base)) if request.method == "GET" else _missing()
    if rest[0] == "labels" and len(rest) == 1:
        return _repo_labels(world, repo, request)
    if rest[0] != "issues":
        return _missing()
    if repo.raw.get("has_issues") is not True:
        return refuse(410, "", "Issues are disabled for this repo")
    if len(rest) == 1:
        return _create(world, repo, request) if request.method == "POST" else _list(world, repo, request)
    issue = world.get("github", "issue", f"{repo.id}#{rest[1]}")
    return _missing() if issue is None else _issue(world, repo, issue, rest[2:], request)


def _issue(world: World, repo: Thing, issue: Thing, rest: list[str], request: Request) -> Response:
    if not rest and request.method == "GET":
        return answer(200, shapes.issue(world, repo, issue, request.base))
    if not rest and request.method == "PATCH":
        return _edit(world, repo, issue, request)
    if rest == ["comments"]:
        return _comments(world, repo, issue, request)
    if rest == ["labels"] and request.method == "GET":
        return answer(200, [shapes.label(repo, one, request.base) for one in arr(issue.raw.get("labels"))])
    return _missing()


def _page(rows: list[Json], request: Request) -> Response:
    size = min(max(whole(request.ask("per_page"), PAGE), 1), MOST)
    page = max(whole(request.ask("page"), 1), 1)
    last = max(-(-len(rows) // size), 1)
    kept = "".join(f"&{key}={value}" for key, value in request.query if key not in ("page", "per_page"))
    links = [("prev", page - 1), ("next", page + 1), ("last", last), ("first", 1)]
    shown = links[1:3] if page == 1 else links
    if page >= last:
        shown = [one for one in shown if one[0] in ("prev", "first")]
    where = f"{request.base}{request.path}?per_page={size}{kept}"
    link = ", ".join(f'<{where}&page={number}>; rel="{rel}"' for rel, number in shown)
    return answer(200, rows[(page - 1) * size : page * size], {"Link": link} if link and last > 1 else {})


def _list(world: World, repo: Thing, request: Request) -> Response:
    state = request.ask("state", "open")
    if request.method != "GET" or state not in ("open", "closed", "all"):
        return _invalid("state", "state is open, closed or all") if request.method == "GET" else _missing()
    wanted = {one.strip().lower() for one in request.ask("labels").split(",") if one.strip()}
    found = [
        one
        for one in world.all("github", "issue")
        if one.place == repo.id
        and state in ("all", text(one.raw, "state"))
        and wanted <= {text(name).lower() for name in arr(one.raw.get("labels"))}
        and text(one.raw, "updated_at") >= request.ask("since")
    ]
    if request.ask("direction", "desc") == "desc":
        found.reverse()
    return _page([shapes.issue(world, repo, one, request.base) for one in found], request)


def _wrong(asked: Obj) -> Response | None:
    title, body = asked.get("title", "x"), asked.get("body")
    if not isinstance(title, str | int) or isinstance(title, bool) or not str(title).strip():
        return _invalid("title", "title can't be blank")
    if len(str(title)) > TITLE:
        return _invalid("title", f"title is too long (maximum is {TITLE} characters)")
    if body is not None and not isinstance(body, str):
        return _invalid("body", "body is not a string")
    if isinstance(body, str) and len(body) > LONGEST:
        return _invalid("body", f"body is too long (maximum is {LONGEST} characters)")
    return None


def _named(asked: Obj) -> list[Json]:
    found = [text(one, "name") or text(one) for one in arr(asked.get("labels"))]
    return [*dict.fromkeys(one for one in found if one)]


def _create(world: World, repo: Thing, request: Request) -> Response:
    if not isinstance(loads(request.body), dict):
        return refuse(400, "", "Problems parsing JSON")
    asked = request.json()
    wrong = _invalid("title", "title is missing") if "title" not in asked else _wrong(asked)
    if wrong is not None:
        return wrong
    number = 1 + sum(1 for one in world.all("github", "issue") if one.place == repo.id)
    pushes = repo.raw.get("push") is True
    raw: Obj = {
        "number": number,
        "title": text(asked, "title"),
        "body": asked.get("body"),
        "labels": _named(asked) if pushes else [],
        "state": "open",
        "state_reason": None,
        "created_at": shapes.moment(world),
        "updated_at": shapes.moment(world),
        "closed_at": None,
    }
    issue = world.add(Thing("github", "issue", f"{repo.id}#{number}", "msp", raw, repo.id))
    _know(world, repo, issue)
    shown = shapes.issue(world, repo, issue, request.base)
    return answer(201, shown, {"Location": text(shown, "url")})


def _know(world: World, repo: Thing, issue: Thing) -> None:
    """A label that is new to the repository is made on the way."""
    known = arr(repo.raw.get("labels"))
    fresh = [one for one in arr(issue.raw.get("labels")) if one not in known]
    if fresh:
        world.change(repo, {"labels": [*known, *fresh]})


def _edit(world: World, repo: Thing, issue: Thing, request: Request) -> Response:
    if not isinstance(loads(request.body), dict):
        return refuse(400, "", "Problems parsing JSON")
    asked = request.json()
    wrong = _wrong(asked)
    if wrong is not None:
        return wrong
    if asked.get("state", "open") not in ("open", "closed"):
        return _invalid("state", "state is open or closed")
    more: Obj = {key: asked[key] for key in ("title", "body", "state", "state_reason") if key in asked}
    if "labels" in asked and repo.raw.get("push") is True:
        more["labels"] = _named(asked)
    if more.get("state") == "closed":
        more |= {"closed_at": shapes.moment(world), "state_reason": asked.get("state_reason") or "completed"}
    if more.get("state") == "open":
        more |= {"closed_at": None, "state_reason": "reopened" if text(issue.raw, "state") == "closed" else None}
    world.change(issue, {**more, "updated_at": shapes.moment(world)})
    _know(world, repo, issue)
    return answer(200, shapes.issue(world, repo, issue, request.base))


def _comments(world: World, repo: Thing, issue: Thing, request: Request) -> Response:
    held = [one for one in world.all("github", "comment") if one.place == issue.id]
    if request.method == "GET":
        return _page([shapes.comment(repo, issue, one, request.base) for one in held], request)
    if request.method != "POST":
        return _missing()
    body = request.json().get("body")
    if not isinstance(body, str) or not body.strip():
        return _invalid("body", "body can't be blank", "IssueComment")
    if len(body) > LONGEST:
        return _invalid("body", f"body is too long (maximum is {LONGEST} characters)", "IssueComment")
    ident = str(9001 + len(world.all("github", "comment")))
    raw: Obj = {"body": body, "created_at": shapes.moment(world), "updated_at": shapes.moment(world)}
    made = world.add(Thing("github", "comment", ident, "msp", raw, issue.id))
    world.change(issue, {"updated_at": shapes.moment(world)})
    shown = shapes.comment(repo, issue, made, request.base)
    return answer(201, shown, {"Location": text(shown, "url")})


def _repo_labels(world: World, repo: Thing, request: Request) -> Response:
    known = arr(repo.raw.get("labels"))
    if request.method == "GET":
        return _page([shapes.label(repo, one, request.base) for one in known], request)
    name = text(request.json(), "name")
    if request.method != "POST" or repo.raw.get("push") is not True:
        return _missing()
    if not name or len(name) > 50 or re.search(r"[\r\n]", name):
        return _invalid("name", "name is missing or too long", "Label")
    if name.lower() in [text(one).lower() for one in known]:
        wrong: Json = [{"resource": "Label", "code": "already_exists", "field": "name"}]
        return answer(422, {"message": "Validation Failed", "errors": wrong, "documentation_url": DOCS})
    world.change(repo, {"labels": [*known, name]})
    return answer(201, shapes.label(repo, name, request.base))
