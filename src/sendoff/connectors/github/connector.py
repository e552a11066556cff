"""Our hands in the repository with the checklists: one issue a case, a tick a step, and a comment with its proof."""

from collections.abc import Iterator, Mapping

from sendoff.connectors.github.client import (
    REPOSITORY,
    SYSTEM,
    GithubDoor,
    Repository,
    github_code,
    labels_of,
    signed,
)
from sendoff.connectors.github.marks import (
    LARGEST,
    belongs,
    box_of,
    boxes,
    case_mark,
    comment_mark,
    flipped,
    marker_in,
)
from sendoff.connectors.wire.body import Object, image, text
from sendoff.connectors.wire.client import Clients, Http
from sendoff.model.digest import Digest, Json
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, Rebuildable, Sign, SignKind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Limits, Repeat, Sink


class GithubConnector:
    """The checklist issues of one customer in one private repository; any other issue is Refused."""

    system = System.GITHUB
    able: Mapping[tuple[Kind, Verb], Ability] = {
        (Kind.ISSUE, Verb.CREATE): Ability(key=Key.GITHUB, repeat=Repeat.MARKER, reversible=True, batch=1),
        (Kind.ISSUE_LINE, Verb.SEND): Ability(key=Key.GITHUB, repeat=Repeat.MARKER, reversible=True),
    }

    def __init__(self, facts: Facts, door: GithubDoor, *, clients: Clients, limits: Limits) -> None:
        self._facts, self._door, self._clients, self._limits = facts, door, clients, limits

    def probe(self, key: Key) -> None:
        """Read the repository: Refused when it is public, whatever the token may do."""
        self._repository(key).private()

    def cells(self) -> tuple[Cell, ...]:
        """The issues of the repository."""
        return (Cell(system=System.GITHUB, kind=Kind.ISSUE, scope=self._door.repository, key=Key.GITHUB),)

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Issues, open and closed, that carry a mark of this customer."""
        repository = self._at(cell.key, cell.scope)
        repository.private()
        for issue in repository.issues(self._door.label):
            if belongs(marker_in(text(issue, "body")), self._facts.customer.mark):
                yield _item(issue, cell.scope, cell.key, out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """One issue by its number or by its marker; Refused when it is another customer's."""
        repository = self._at(target.key, target.scope)
        repository.private()
        if target.id.isdecimal():
            issue = repository.issue(target.id)
            marker = marker_in(text(issue, "body")) if issue is not None else ""
        else:
            marker = target.id.partition("/")[0]
            issue = self._marked(repository, self._mine(marker))
        if issue is None:
            return None
        self._mine(marker)
        return _item(issue, target.scope, target.key, out)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """The issue with this marker; or the line as it should be and, when there is one, the comment on it."""
        self._possible(action)
        marker, step = self._named(action)
        repository = self._at(action.key, action.scope)
        issue = self._marked(repository, marker)
        if issue is None:
            return None
        if action.kind is Kind.ISSUE:
            return Receipt(outcome=Outcome.FOUND, code="marked", said=_said(issue))
        body, number = text(issue, "body"), text(issue, "number")
        if not _is(body[box_of(body, step)], _content(action, "box")):
            return None
        if _content(action, "comment") and not self._commented(repository, number, step, once):
            return None
        return Receipt(outcome=Outcome.FOUND, code="marked", said=_said(issue))

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Make the issue, or set one box and comment once. A public repository is Refused before anything is sent."""
        self._possible(action)
        marker, step = self._named(action)
        repository = self._at(action.key, action.scope)
        repository.private()
        issue = self._marked(repository, marker)
        if action.kind is Kind.ISSUE:
            if issue is not None:
                return Receipt(outcome=Outcome.FOUND, code="marked", said=_said(issue))
            return self._made(repository, action, marker, out)
        if issue is None:
            return Receipt(outcome=Outcome.CHANGED, code="no-issue")
        return self._ticked(repository, action, step, once, text(issue, "number"), out)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Nothing here goes on by itself."""
        raise Refused(f"{action.verb} {action.kind}: there is no operation to ask after")

    def _made(self, repository: Repository, action: Action, marker: str, out: Sink) -> Receipt:
        body = out.fetch(Digest(_content(action, "body"))).decode()
        if len(body) > LARGEST:
            raise Refused(f"{action.name}: its text has {len(body)} characters; {LARGEST} are the most. Split it")
        if marker_in(body) != marker:
            raise Refused(f"{action.name}: its text must carry {case_mark(marker)} and no other mark of a case")
        wanted = list(dict.fromkeys([*(value for key, value in action.content if key == "label"), self._door.label]))
        made = repository.create(_content(action, "title") or action.name, body, wanted)
        number = text(made, "number")
        there = repository.issue(number)
        if text(there, "body") != body:
            return Receipt(outcome=Outcome.UNKNOWN, code="other-text", said=_said(made))
        # without push access labels are dropped without a word; the issue is then found by its mark among all
        missing = _missing(there, wanted)
        said = (*_said(made), ("labels-dropped", ", ".join(missing))) if missing else _said(made)
        return Receipt(outcome=Outcome.DONE, code="201", said=said)

    def _ticked(
        self, repository: Repository, action: Action, step: str, once: Digest, number: str, out: Sink
    ) -> Receipt:
        """Read, flip one character, write, compare: GitHub has no condition on a write, so the time between reading
        and writing is as short as one call."""
        wanted, comment = _content(action, "box"), _content(action, "comment")
        if wanted not in ("x", " "):
            raise Refused(f"{action.name}: a box is 'x' or ' ', not {wanted!r}")
        issue = repository.issue(number)
        body = text(issue, "body")
        place = box_of(body, step)
        if not _is(body[place], wanted):
            fresh = flipped(body, place, wanted)
            if text(repository.rewrite(number, fresh), "body") != fresh:
                return Receipt(outcome=Outcome.UNKNOWN, code="other-text", said=(("number", number),))
        if comment and not self._commented(repository, number, step, once):
            said = out.fetch(Digest(comment)).decode().rstrip("\n")
            repository.comment(number, f"{said}\n\n{comment_mark(step, once)}")
        return Receipt(outcome=Outcome.DONE, code="200", said=(("number", number),))

    def _commented(self, repository: Repository, number: str, step: str, once: Digest) -> bool:
        mark = comment_mark(step, once)
        return any(mark in text(one, "body") for one in repository.comments(number))

    def _marked(self, repository: Repository, marker: str) -> Object | None:
        """The one issue with this marker: by our label, then among all, as labels get lost. Refused for two."""
        for label in (self._door.label, ""):
            found = [one for one in repository.issues(label) if marker_in(text(one, "body")) == marker]
            if len(found) > 1:
                raise Refused(f"{len(found)} issues carry the mark {marker}; take it out of all but one")
            if found:
                return found[0]
        return None

    def _named(self, action: Action) -> tuple[str, str]:
        marker, _, step = action.target.partition("/")
        if bool(step) is not (action.kind is Kind.ISSUE_LINE):
            raise Refused(f"{action.target!r} is not the name of {action.kind}; nothing was done")
        return self._mine(marker), step

    def _mine(self, marker: str) -> str:
        if not belongs(marker, self._facts.customer.mark):
            raise Refused(f"mark {marker!r} is not {self._facts.customer.slug}'s; nothing was done")
        return marker

    def _possible(self, action: Action) -> None:
        if action.system is not System.GITHUB or (action.kind, action.verb) not in self.able:
            raise Refused(f"{action.verb} {action.kind}: the repository has no such deed")

    def _at(self, key: Key, scope: str) -> Repository:
        if scope != self._door.repository:
            raise Refused(f"{scope!r} is not the repository of our checklists; nothing was done")
        return self._repository(key)

    def _repository(self, key: Key) -> Repository:
        token = self._door.token if key is Key.GITHUB else None
        if token is None:
            raise Denied(f"we hold no {key} key for the repository", system=SYSTEM, code="NoKey")
        if not REPOSITORY.fullmatch(self._door.repository) or not self._door.url.startswith("https://"):
            raise Refused("github.repository is owner/name, and github.url begins with https://")
        http = Http(
            system=SYSTEM,
            base=self._door.url,
            clients=self._clients,
            limits=self._limits,
            sign=lambda: signed(token),
            bucket=f"github|{self._facts.customer.slug}|{key}",
            code=github_code,
        )
        return Repository(http=http, limits=self._limits, name=self._door.repository, page=self._door.page)


def _is(box: str, wanted: str) -> bool:
    return (box != " ") is (wanted != " ")


def _missing(issue: Object | None, wanted: list[str]) -> list[str]:
    there = {one.lower() for one in labels_of(issue or {})}
    return [one for one in wanted if one.lower() not in there]


def _content(action: Action, name: str) -> str:
    return next((value for key, value in action.content if key == name), "")


def _said(issue: Object) -> tuple[tuple[str, str], ...]:
    return (("number", text(issue, "number")), ("url", text(issue, "html_url")))


def _item(issue: Object, scope: str, key: Key, out: Sink) -> Item:
    body = text(issue, "body")
    count, ticked = boxes(body)
    kept: dict[str, Json] = {"number": text(issue, "number"), "marker": marker_in(body)}
    return Item(
        system=System.GITHUB,
        kind=Kind.ISSUE,
        id=text(issue, "number"),
        name=text(issue, "title"),
        scope=scope,
        key=key,
        image=out.image(image(kept)),
        signs=(Sign(kind=SignKind.METADATA, value=marker_in(body)), Sign(kind=SignKind.PLACE, value=scope)),
        detail=(
            ("marker", marker_in(body)),
            ("state", text(issue, "state")),
            ("boxes", str(count)),
            ("ticked", str(ticked)),
            ("labels", ", ".join(labels_of(issue))),
        ),
        rebuildable=Rebuildable.NOT,
    )
