"""The outsiders: the customer's administrators and the new MSP. They know URLs and their own mailbox, nothing else."""

from urllib.parse import urlencode

from sendoff.sandbox import cast_customer, cast_supplier
from sendoff.sandbox.cast_customer import Opened
from sendoff.sandbox.cast_mail import GRAPH, Call, Mail, Person, Session
from sendoff.sandbox.wire import Json, Request, text

ASLEEP = frozenset({"end-access"})
"""Deeds that nobody does by himself; switched on, they are done."""
DEEDS = (
    "sign-in",
    "accept-meeting",
    "accept-export",
    "accept-protections",
    "permit",
    "acknowledge-parcel",
    "make-administrator",
    "end-access",
    "redeem",
    "request-transfer",
)


class Cast:
    """Outsiders who act once when asked; each only when its side ("customer", "new-msp") and the deed are on."""

    def __init__(self, call: Call, secret: str, people: list[Person], desk: str, opened: Opened) -> None:
        self._call, self._secret, self._people, self._desk = call, secret, people, desk
        self._opened = opened
        self.on = {"customer": True, "new-msp": True}
        self.deeds = {one: one not in ASLEEP for one in DEEDS}

    def act(self) -> list[Json]:
        """Everyone who is switched on reads its mailbox and does what it is asked; the deeds are returned."""
        done: list[Json] = []
        for one in self._people:
            if self.on.get(one.who):
                done.extend(self._turn(one))
        return done

    def _turn(self, one: Person) -> list[Json]:
        quiet = one.who == "customer" and not self.deeds["sign-in"]
        token = self._token(one.mail, one.tenant, GRAPH, quiet=quiet)
        at = Session(self._call, one, token, self._desk)
        if not token:
            return [at.deed("could not sign in", "")]
        done = [at.deed("signed in with MFA", one.tenant)] if one.who == "customer" and self.deeds["sign-in"] else []
        if self.deeds["accept-meeting"]:
            done += cast_supplier.accept_meetings(at)
        for mail in at.unread():
            done += self._customer(at, mail) if one.who == "customer" else self._supplier(at, mail)
        return done

    def _ours(self, mail: Mail) -> bool:
        return mail.sender.endswith("@" + self._desk.split("@")[1])

    def _customer(self, at: Session, mail: Mail) -> list[Json]:
        if not self._ours(mail):
            return []
        done: list[Json] = []
        if self.deeds["accept-export"]:
            done += cast_customer.accept_export(at, mail)
        if self.deeds["accept-protections"]:
            done += cast_customer.accept_protections(at, mail)
        if self.deeds["permit"]:
            done += cast_customer.permit(at, mail)
        if self.deeds["acknowledge-parcel"]:
            done += cast_customer.acknowledge_parcel(at, mail, self._opened)
        if self.deeds["make-administrator"]:
            done += cast_customer.make_administrator(
                at, mail, lambda name, where: bool(self._token(name, where, GRAPH))
            )
        if self.deeds["end-access"]:
            done += cast_customer.end_access(at, mail)
        return done

    def _supplier(self, at: Session, mail: Mail) -> list[Json]:
        def token(tenant: str, scope: str) -> str:
            return self._token(at.person.mail, tenant, scope)

        done = cast_supplier.parcel(at, mail)
        if self.deeds["redeem"]:
            done += cast_supplier.redeem(at, mail, self._secret, token)
        if self.deeds["request-transfer"] and self._ours(mail):
            done += cast_supplier.request_transfer(at, mail, token)
        return done

    def _token(self, mail: str, tenant: str, scope: str, *, quiet: bool = False) -> str:
        form = {"grant_type": "urn:sendoff:cast", "username": mail, "assertion": self._secret, "scope": scope}
        if quiet:
            form["session"] = "kept"
        asked = Request(method="POST", path=f"/{tenant}/oauth2/v2.0/token", body=urlencode(form).encode())
        return text(self._call("login", asked).json(), "access_token")
