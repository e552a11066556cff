"""The sandbox as one object: answer(vendor, request), thread safe, in-process or behind ports."""

import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from sendoff.sandbox import (
    age,
    arm,
    github,
    graph,
    login,
    partner_center,
    passwordstate,
    prtg,
    prtg_v2,
    reassure,
    topdesk,
)
from sendoff.sandbox.cast import Cast
from sendoff.sandbox.cast_mail import Person
from sendoff.sandbox.control import Control
from sendoff.sandbox.seed import NOBODY, seeded
from sendoff.sandbox.seed_build import MAILBOX, NEW_SUPPLIER
from sendoff.sandbox.seed_crowd import Crowd
from sendoff.sandbox.trouble import strike
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, arr, obj, text
from sendoff.sandbox.world import World

SERVE = {
    "login": login.serve,
    "arm": arm.serve,
    "graph": graph.serve,
    "prtg": prtg.serve,
    "prtg-v2": prtg_v2.serve,
    "passwordstate": passwordstate.serve,
    "partner-center": partner_center.serve,
    "topdesk": topdesk.serve,
    "reassure": reassure.serve,
    "github": github.serve,
}
VENDORS = (*SERVE, "control")


class Sandbox:
    """All vendors over one seeded world. Raises ValueError on an unknown tier."""

    def __init__(self, seed: int, tier: str, folder: Path | None = None, size: int = 1, crowd: Crowd = NOBODY) -> None:
        self.world = seeded(seed, tier, size, folder, crowd)
        self.token = self.world.guid("control-token")
        opened = partial(_opened, self.world)
        cast = Cast(self._quietly, self.world.cast_secret, _people(self.world), MAILBOX, opened)
        self.control = Control(self.world, cast, self.token)

    def answer(self, vendor: str, request: Request) -> Response:
        """The vendor's answer to one call. Status 0 stands for a dropped connection. Raises KeyError on a vendor."""
        if vendor == "control":
            with self.world.lock:
                self.world.record.vendor, self.world.record.caller = "control", "control"
                return self.control.serve(request)
        serve, begun = SERVE[vendor], time.monotonic()
        with self.world.lock:
            found = [one for one in self.control.faults if one.meets(vendor, request)]
            self.world.record.vendor, self.world.record.caller = vendor, "nobody"
            if self.world.habits.rows != request.rows:
                request = replace(request, rows=self.world.habits.rows)
            go = partial(serve, self.world)
            weather = None if found else self.control.weather
            met = weather.strikes(self.world, vendor, request, go) if weather else None
            response, struck = met or (strike(self.world, vendor, request, found, go), "")
            self.world.record.call(self.world.at(), request.method, request.path, response.status, struck)
        if "x-sandbox-wait" in response.headers:
            wanted = min(float(response.headers["x-sandbox-wait"]), 30.0)
            time.sleep(max(0.0, begun + wanted - time.monotonic()))
        return response

    def _quietly(self, vendor: str, request: Request) -> Response:
        """A call of the cast: the same vendors, but no fault strikes it."""
        before = self.world.record.vendor, self.world.record.caller
        self.world.record.vendor, self.world.record.caller = vendor, "cast"
        if request.path == "/redeem":
            response = self._redeem(request)
        else:
            response = SERVE[vendor](self.world, request)
        self.world.record.call(self.world.at(), request.method, request.path, response.status)
        self.world.record.vendor, self.world.record.caller = before
        return response

    def _redeem(self, request: Request) -> Response:
        form = request.form()
        guest = self.world.get("graph", "user", form.get("rd", ""))
        if guest is None or text(guest.raw, "mail") != form.get("mail"):
            return answer(404, {"error": "no such invitation"})
        self.world.change(guest, {"externalUserState": "Accepted"})
        return answer(200, {"status": "Completed"})

    def known(self) -> Obj:
        """What the MSP has on file: its own keys and, per customer slug, what onboarding left."""
        people: Obj = {slug: one.known for slug, one in self.world.customers.items()}
        return {"msp": self.world.msp, "customers": people}


def _opened(world: World, sealed: bytes) -> dict[str, bytes]:
    return age.opened(sealed, world.customer_age_key)


def _people(world: World) -> list[Person]:
    leaving = world.customers["vandermeer"]
    rows: list[Json] = arr(leaving.known.get("contacts"))
    found = [Person("customer", text(obj(one), "mail"), leaving.tenant) for one in rows]
    supplier = world.guid("new-supplier", "tenant")
    return [*found, *[Person("new-msp", text(NEW_SUPPLIER, key), supplier) for key in ("admin_mail", "desk_mail")]]
