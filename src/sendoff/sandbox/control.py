"""The control port: the clock, the record, digests, faults, the cast and hands. Only with the X-Control token."""

from collections.abc import Callable
from datetime import datetime

from sendoff.sandbox import entra_device, graph_gdap, hands, partner_center, plant
from sendoff.sandbox.cast import Cast
from sendoff.sandbox.habits import habits
from sendoff.sandbox.trouble import KINDS, Fault, fault
from sendoff.sandbox.weather import KINDS as WEATHER
from sendoff.sandbox.weather import Weather, weather
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, text, whole
from sendoff.sandbox.world import World


class Control:
    """Answers the control port; holds the faults that are switched on."""

    def __init__(self, world: World, cast: Cast, token: str) -> None:
        self.world, self.cast, self.token = world, cast, token
        self.faults: list[Fault] = []
        self.weather: Weather | None = None

    def serve(self, request: Request) -> Response:
        """One control call. Errors: 403 without the token, 400 with what was not understood, 404."""
        if request.headers.get("x-control") != self.token:
            return answer(403, {"error": "the X-Control header of sandbox.json is needed"})
        routes: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("GET", "/clock"): lambda _: answer(200, {"now": self.world.at()}),
            ("POST", "/clock"): self._clock,
            ("GET", "/record"): lambda asked: answer(200, self.world.record.since(whole(asked.ask("since")))),
            ("GET", "/effects"): lambda asked: answer(
                200, self.world.record.since(whole(asked.ask("since")), "effect")
            ),
            ("GET", "/world/digests"): lambda _: answer(200, {**self.world.digests()}),
            ("GET", "/world/objects"): self._objects,
            ("GET", "/trouble"): lambda _: answer(200, [one.shown() for one in self.faults]),
            ("POST", "/trouble"): self._trouble,
            ("DELETE", "/trouble"): self._calm,
            ("GET", "/weather"): lambda _: answer(200, self.weather.shown() if self.weather else {"share": 0}),
            ("POST", "/weather"): self._weather,
            ("DELETE", "/weather"): self._clear,
            ("GET", "/habits"): lambda _: answer(200, self.world.habits.shown()),
            ("POST", "/habits"): self._habits,
            ("POST", "/cast/act"): lambda _: answer(200, {"did": self.cast.act()}),
            ("POST", "/cast/switch"): self._switch,
            ("POST", "/cast/device"): self._device,
            ("POST", "/mfa"): self._mfa,
            ("POST", "/hands"): self._hands,
            ("POST", "/stray"): self._stray,
            ("POST", "/plant"): self._plant,
        }
        route = routes.get((request.method, request.path.rstrip("/")))
        return route(request) if route else answer(404, {"error": f"no {request.method} {request.path}"})

    def _clock(self, request: Request) -> Response:
        try:
            to = datetime.fromisoformat(text(request.json(), "now"))
            moved = self.world.move(to)
        except (ValueError, TypeError):
            return answer(400, {"error": "now must be ISO 8601 with an offset"})
        if not moved:
            return answer(409, {"error": "the clock moves forwards only", "now": self.world.at()})
        partner_center.settle(self.world)
        graph_gdap.settle(self.world)
        return answer(200, {"now": self.world.at()})

    def _objects(self, request: Request) -> Response:
        slug = request.ask("customer")
        if slug not in self.world.customers:
            return answer(404, {"error": f"no customer {slug!r}"})
        return answer(200, {**self.world.objects(slug)})

    def _trouble(self, request: Request) -> Response:
        found = fault(f"t{len(self.faults) + 1}", request.json())
        if found is None:
            return answer(400, {"error": "unknown do", "known": [*sorted(KINDS)]})
        self.faults.append(found)
        return answer(201, found.shown())

    def _calm(self, request: Request) -> Response:
        wanted = request.ask("id")
        self.faults = [one for one in self.faults if wanted and one.id != wanted]
        return Response(204)

    def _weather(self, request: Request) -> Response:
        self.weather = weather(request.json())
        if self.weather is None:
            return answer(400, {"error": "share is from 0 to 1", "known": [*WEATHER]})
        return answer(201, self.weather.shown())

    def _habits(self, request: Request) -> Response:
        found = habits(self.world.habits, request.json())
        if found is None:
            return answer(400, {"error": "each habit is a whole number", "known": [*self.world.habits.shown()]})
        self.world.habits = found
        return answer(200, found.shown())

    def _clear(self, request: Request) -> Response:
        self.weather = None
        return Response(204)

    def _switch(self, request: Request) -> Response:
        who, deed, on = text(request.json(), "who"), text(request.json(), "deed"), request.json().get("on")
        if deed in self.cast.deeds and isinstance(on, bool):
            self.cast.deeds[deed] = on
            return answer(200, {**self.cast.deeds})
        if who not in self.cast.on or not isinstance(on, bool):
            known: list[Json] = [*self.cast.deeds]
            return answer(400, {"error": "who is customer or new-msp, on is true or false", "deeds": known})
        self.cast.on[who] = on
        return answer(200, {**self.cast.on})

    def _device(self, request: Request) -> Response:
        asked = request.json()
        refused = entra_device.approve(self.world, text(asked, "user_code"), text(asked, "person"))
        return answer(200, {"approved": text(asked, "user_code")}) if refused is None else answer(409, refused)

    def _mfa(self, request: Request) -> Response:
        on = request.json().get("on")
        if not isinstance(on, bool):
            return answer(400, {"error": "on is true or false"})
        self.world.mfa = on
        return answer(200, {"on": on})

    def _hands(self, request: Request) -> Response:
        touched = hands.act(self.world, request.json())
        if touched is None:
            return answer(400, {"error": "unknown do or customer", "known": hands.deeds()})
        keys: list[Json] = [*touched]
        return answer(200, {"touched": keys})

    def _stray(self, request: Request) -> Response:
        return _made(plant.stray(self.world, text(request.json(), "customer")))

    def _plant(self, request: Request) -> Response:
        return _made(plant.plant(self.world, request.json()))


def _made(key: str | None) -> Response:
    body: Obj = {"key": key} if key else {"error": "unknown customer, system or kind"}
    return answer(201 if key else 400, body)
