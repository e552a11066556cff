"""GitHub: the wire to one repository.

Pages: docs.github.com/rest/issues/issues, /rest/issues/comments, /rest/repos/repos and the page on rate limits. The
pages of a list are read until one is not full and none is said to follow.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from sendoff.connectors.wire.body import Object, dig, parsed, rows, text
from sendoff.connectors.wire.client import ATTEMPTS, PATIENCE, Answer, Call, Http, Pace, Query, Sign
from sendoff.model.digest import Json
from sendoff.model.errors import Confusing, Denied, Refused, Throttled
from sendoff.model.secret import Secret
from sendoff.ports import Limits

SYSTEM = "github"
GITHUB_URL = "https://api.github.com"
VERSION = "2022-11-28"
READS = Pace(kind="reads", rate=5, burst=50)  # 900 points a minute, a GET is one [M]
WRITES = Pace(kind="writes", rate=1, burst=50)  # a second between writes over time; 80 a minute, 500 an hour [M]
WAIT = 60.0
"""Seconds to wait when a limit says nothing; the page says: at least a minute."""
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}", re.A)
NEXT = re.compile(r'<[^>]*>;[^,]*rel="next"')
PAGES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubDoor:
    """The repository with our checklists, `owner/name`, and a token for it. `label` is on every issue of ours."""

    token: Secret | None = None
    repository: str = ""
    url: str = GITHUB_URL
    label: str = "sendoff"
    page: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The wire to one repository. Raises as Http does, Throttled for the second limit (a 403), Refused for a public
    repository and for one without issues."""

    http: Http = field(repr=False)
    limits: Limits = field(repr=False)
    name: str
    page: int = 100

    def private(self) -> Object:
        """GET the repository: Refused unless it is private and has issues."""
        found = self._call("GET", "", "read the repository").object()
        if dig(found, "private") is not True:
            raise Refused(f"{self.name} is not a private repository; a checklist of a customer never goes there")
        if dig(found, "has_issues") is False:
            raise Refused(f"issues are switched off in {self.name}; switch them on in its settings")
        return found

    def issues(self, label: str) -> list[Object]:
        """GET every issue, open and closed, with that label (any when empty); pull requests are let go.

        An empty list counts only when the repository itself does not say that it has open ones.
        """
        query: Query = (("state", "all"), ("sort", "created"), ("direction", "asc"))
        found = list(self._pages("/issues", "list issues", (*query, ("labels", label)) if label else query))
        if not found:
            self._control()
        return [one for one in found if "pull_request" not in one]

    def issue(self, number: str) -> Object | None:
        """GET one issue; None for a 404 or 410 in a repository that can be read."""
        answer = self._call("GET", f"/issues/{number}", "read an issue", fine=frozenset({200, 404, 410}))
        if answer.status != 200:
            self.private()
            return None
        return self._numbered(answer, number)

    def create(self, title: str, body: str, labels: list[str]) -> Object:
        """POST an issue: 201; Refused for a 410, issues are off."""
        names: list[Json] = [*labels]
        made: Object = {"title": title, "body": body, "labels": names}
        answer = self._call("POST", "/issues", "make an issue", body=made, fine=frozenset({201, 410}))
        if answer.status == 410:
            raise Refused(f"issues are switched off in {self.name}; switch them on in its settings")
        return self._numbered(answer, "")

    def rewrite(self, number: str, body: str) -> Object:
        """PATCH the body, whole: there is no other way, and no condition on it."""
        answer = self._call("PATCH", f"/issues/{number}", "change an issue", body={"body": body})
        return self._numbered(answer, number)

    def comments(self, number: str) -> list[Object]:
        """GET every comment; an empty list counts only when the issue says that it has none."""
        found = list(self._pages(f"/issues/{number}/comments", "list comments", ()))
        issue = self.issue(number)
        said = dig(issue, "comments") if issue is not None else None
        if isinstance(said, int) and said > len(found):
            raise Confusing(f"list comments: {len(found)} of {said} came", system=SYSTEM)
        return found

    def comment(self, number: str, body: str) -> Answer:
        """POST a comment: 201."""
        path = f"/issues/{number}/comments"
        return self._call("POST", path, "comment on an issue", body={"body": body}, fine=frozenset({201}))

    def _control(self) -> None:
        """Read the repository, and that its open issues can be listed when it says that there are any."""
        said = dig(self.private(), "open_issues_count")
        query: Query = (("state", "open"), ("per_page", "1"))
        opened = self._call("GET", "/issues", "list open issues", query=query).objects()
        if isinstance(said, int) and said and not opened:
            raise Confusing(f"list issues: none of {said} open ones came", system=SYSTEM)

    def _pages(self, path: str, what: str, query: Query) -> Iterator[Object]:
        seen: set[str] = set()
        for page in range(1, PAGES):
            asked = (*query, ("per_page", str(self.page)), ("page", str(page)))
            answer = self._call("GET", path, what, query=asked)
            now = answer.objects()
            for one in now:
                if (ident := text(one, "id")) not in seen:
                    seen.add(ident)
                    yield one
            if len(now) < self.page and not NEXT.search(answer.headers.get("link", "")):
                return
        raise Confusing(f"{what}: the pages do not end", system=SYSTEM)

    def _numbered(self, answer: Answer, number: str) -> Object:
        found = answer.object()
        if not text(found, "number").isdecimal() or number not in ("", text(found, "number")):
            raise Confusing(f"{answer.what}: another issue came", system=SYSTEM)
        return found

    def _call(
        self,
        method: str,
        path: str,
        what: str,
        *,
        query: Query = (),
        body: Object | None = None,
        fine: frozenset[int] = frozenset({200}),
    ) -> Answer:
        pace = READS if method == "GET" else WRITES
        call = Call(
            method=method,
            path=f"/repos/{self.name}{path}",
            what=what,
            pace=pace,
            query=query,
            body=body,
            fine=fine | {403},
            repeat=method == "GET",
        )
        for _ in range(ATTEMPTS):
            answer = self.http.call(call)
            if answer.status != 403:
                return answer
            after = self._forbidden(answer, pace)
            if after > PATIENCE:
                break
        raise Throttled(f"{what}: too many calls", system=SYSTEM, after=after, code="limit")

    def _forbidden(self, answer: Answer, pace: Pace) -> float:
        """Seconds to wait, told to everybody: a 403 is a limit when it says when to come back, or that nothing remains.
        Any other is Denied."""
        spent = answer.headers.get("x-ratelimit-remaining") == "0"
        if "retry-after" not in answer.headers and not spent:
            raise Denied(f"{answer.what}: this token may not", system=SYSTEM, code=answer.code)
        reset = answer.headers.get("x-ratelimit-reset", "")
        default = max(1.0, float(reset) - time.time()) if spent and reset.isdecimal() else WAIT
        after = answer.seconds(default)
        self.limits.blocked(f"{self.http.bucket}|{pace.kind}", after)
        return after


def labels_of(issue: Object) -> list[str]:
    """The names of an issue's labels."""
    return [one if isinstance(one, str) else text(one, "name") for one in rows(issue, "labels")]


def signed(token: Secret) -> Sign:
    """The token as a bearer header, and the version that we speak."""
    return Sign(
        headers={
            "Authorization": f"Bearer {token.reveal()}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": VERSION,
        }
    )


def github_code(body: bytes) -> str:
    """The code of the first error of a 422; other messages are prose."""
    first = next(iter(rows(parsed(body), "errors")), None)
    return text(first, "code")
