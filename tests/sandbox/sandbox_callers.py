"""Callers for the sandbox's tests: each signs in with one key and calls one vendor in-process."""

import json
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sendoff.sandbox import Request, Response, Sandbox
from sendoff.sandbox.trouble import local
from sendoff.sandbox.wire import Json, Obj, arr, dig, obj, text

ARM = "https://management.azure.com/.default"
GRAPH = "https://graph.microsoft.com/.default"
LEAVES = "vandermeer"


@dataclass
class Estate:
    """A sandbox and what the MSP has on file about it."""

    sandbox: Sandbox
    known: Obj = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = self.sandbox.known()

    def customer(self, slug: str = LEAVES) -> Obj:
        return obj(dig(self.known, "customers", slug))

    def subscription(self, at: int = 0, slug: str = LEAVES) -> str:
        return text(arr(self.customer(slug).get("subscriptions"))[at], "id")

    def token(self, tenant: str, form: dict[str, str]) -> Response:
        body = urlencode(form).encode()
        return self.sandbox.answer("login", Request(method="POST", path=f"/{tenant}/oauth2/v2.0/token", body=body))

    def app_token(self, tenant: str, keys: Json, scope: str) -> str:
        form = {"grant_type": "client_credentials", "scope": scope, "client_id": text(keys, "client_id")}
        return text(self.token(tenant, {**form, "client_secret": text(keys, "client_secret")}).json(), "access_token")

    def lighthouse(self, scope: str = ARM) -> str:
        msp = obj(self.known["msp"])
        return self.app_token(text(msp, "tenant_id"), msp["lighthouse"], scope)

    def house(self) -> str:
        msp = obj(self.known["msp"])
        return self.app_token(text(msp, "tenant_id"), msp["house"], GRAPH)

    def app(self, scope: str = ARM, slug: str = LEAVES) -> str:
        who = self.customer(slug)
        return self.app_token(text(who, "tenant_id"), who["app"], scope)

    def person(self, mail: str = "bram@vandermeer.example", scope: str = ARM) -> str:
        form = {"grant_type": "urn:sendoff:cast", "username": mail, "scope": scope}
        form["assertion"] = self.sandbox.world.cast_secret
        return text(self.token(text(self.customer(), "tenant_id"), form).json(), "access_token")

    def call(
        self, vendor: str, method: str, url: str, token: str = "", body: Obj | None = None, **head: str
    ) -> Response:
        path, query = local(url)
        headers = {"authorization": f"Bearer {token}", **head} if token else {**head}
        raw = json.dumps(body).encode() if body is not None else b""
        asked = Request(method=method, path=path, query=query, headers=headers, body=raw, base="https://vendor")
        return self.sandbox.answer(vendor, asked)

    def arm(self, method: str, url: str, token: str, body: Obj | None = None) -> Response:
        return self.call("arm", method, url, token, body)

    def graph(self, method: str, url: str, token: str, body: Obj | None = None, **head: str) -> Response:
        return self.call("graph", method, f"/v1.0{url}", token, body, **head)

    def prtg(self, call: str, **query: str) -> Response:
        asked = {"apitoken": text(self.known, "msp", "prtg", "apitoken"), **query}
        return self.call("prtg", "GET", f"/api/{call}?{urlencode(asked)}")

    def vault(self, method: str, url: str, reason: str = "") -> Response:
        key = text(self.known, "msp", "passwordstate", "api_key")
        if reason:
            return self.call("passwordstate", method, url, apikey=key, reason=reason)
        return self.call("passwordstate", method, url, apikey=key)

    def control(self, method: str, url: str, body: Obj | None = None) -> Json:
        path, query = local(url)
        raw = json.dumps(body).encode() if body is not None else b""
        head = {"x-control": self.sandbox.token}
        asked = Request(method=method, path=path, query=query, headers=head, body=raw)
        return self.sandbox.answer("control", asked).json()

    def pages(self, vendor: str, url: str, token: str, link: str) -> list[Obj]:
        rows: list[Obj] = []
        while url:
            body = self.call(vendor, "GET", url, token).json()
            rows += [obj(one) for one in arr(dig(body, "value"))]
            url = text(dig(body, link))
        return rows

    def list_arm(self, url: str, token: str) -> list[Obj]:
        return self.pages("arm", url, token, "nextLink")

    def finish(self, response: Response, token: str) -> str:
        """Poll a long-running delete to its end; the last status."""
        status = ""
        while status not in ("Succeeded", "Failed"):
            status = text(self.arm("GET", response.headers["Azure-AsyncOperation"], token).json(), "status")
        return status


def estate(tier: str = "full-stack", seed: int = 7) -> Estate:
    """A fresh world of its own."""
    return Estate(Sandbox(seed, tier))


def code(response: Response) -> str:
    """The error code of an ARM or Graph answer."""
    return text(response.json(), "error", "code")
