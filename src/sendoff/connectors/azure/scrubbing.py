"""Secrets are taken out of every file of an export and counted (H46): by the name of a field, by the place it lies in,
by what a text looks like, and by being the same as one that was found elsewhere.

No rule finds every password in free text: the text of a runbook is never in the new MSP's cut.
"""

import re
from collections.abc import Iterator

from sendoff.connectors.wire.body import HIDDEN, REMOVED, Object, text
from sendoff.model.digest import Json

WORDS = (
    r"(?:password|passwd|pwd|passwort|wachtwoord|passphrase|passcode|secret|token|credentials?|sas|sig|connectionstring"
    r"|(?:access|account|shared|primary|secondary|master|primarymaster|secondarymaster|function|host|admin|storage|api"
    r"|private|encryption|subscription|instrumentation|workspace|signing|symmetric|sharedaccess)[-_ ]?key)"
)
"""What a name ends with when its value is a secret."""
NAMED = re.compile(rf"{WORDS}(?:[-_ ]?(?:value|\d+))?$", re.I)
PLACES = frozenset({
    "appsettings", "connectionstrings", "environmentvariables", "env", "protectedsettings", "commandtoexecute",
    "customdata", "userdata", "secrets", "scriptcontent", "secureparameters", "headers", "customheaders",
})  # fmt: skip
"""Members whose texts are all taken out: settings of applications, and what a machine is started with."""
OF_TYPE = {
    "microsoft.resources/deployments": ("parameters", "outputs"),
    "microsoft.automation/automationaccounts/variables": ("value",),
    "microsoft.compute/virtualmachines/extensions": ("settings",),
    "microsoft.compute/virtualmachinescalesets/extensions": ("settings",),
    "microsoft.hybridcompute/machines/extensions": ("settings",),
}
"""Types with members of which the same is true."""
STAYS = frozenset({"name", "type", "id", "slotsetting"})
"""Members that stay inside of such a place, so that the reader sees what there was."""
PLAIN = frozenset({"id", "name", "type", "location", "kind", "sku", "apiversion", "tier", "family", "resourcegroup"})
"""Members whose texts are no secret where they lie, so that the same text is none elsewhere."""
SHORTEST = 6
"""A text shorter than this is not looked for elsewhere."""
CHUNK = 400
_VALUE = r"(?P<value>'[^'\n]+'|\"[^\"\n]+\"|[^\s\"';,&)]+)"
TEXTS = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.S),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    re.compile(r"(?<=://)[^\s/:@'\"]+:[^\s/@'\"]+(?=@)"),
    re.compile(rf"{WORDS}['\"\])]*\s*(?::|=>|=)\s*(?:\[\w+\])?{_VALUE}", re.I),
    re.compile(rf"-(?:\w{{0,40}}(?:password|secret|token|key)|pwd|p)\s+{_VALUE}", re.I),
    re.compile(rf"ConvertTo-SecureString\s+(?:-String\s+)?{_VALUE}", re.I),
    re.compile(rf"/user:\S+\s+{_VALUE}", re.I),
)
"""What a secret looks like within a text; where there is a part `value`, only that goes."""
TOKEN = re.compile(r"[^\s\"'`,;<>|(){}\[\]]{8,200}")
SIGNS = frozenset("!#$%^&*?~+@")
ADDRESS = re.compile(r"^[\w.+-]+@[\w-]+\.[\w.-]+$|^[\w.]+(/[\w.]+)+@[\w-]+$")
"""A mail address, or a type with its api-version."""
BASE64 = re.compile(r"^[A-Za-z0-9+/]{40,}={1,2}$")


def emptied(value: Json, kind: str, *, hide: bool = False) -> Json:
    """The value with every text in a place of secrets taken out: for what is kept of a thing that was only looked at.
    `kind` is the type of the thing, in lower case."""
    if isinstance(value, dict):
        kind = text(value, "type").lower() or kind
        return {name: emptied(inner, kind, hide=_in_place(name, kind, hide)) for name, inner in value.items()}
    if isinstance(value, list):
        return [emptied(one, kind, hide=hide) for one in value]
    return REMOVED if hide and isinstance(value, str) and value else value


def _in_place(name: str, kind: str, hide: bool) -> bool:
    if hide:
        return name.lower() not in STAYS
    return name.lower() in PLACES or name.lower() in OF_TYPE.get(kind, ())


class Remover:
    """Learns every secret of an export first, then cleans file by file. `removed` counts the texts taken out."""

    def __init__(self) -> None:
        self.removed = 0
        self._found: set[str] = set()
        """Secrets by their name or their look: taken out wherever they stand."""
        self._placed: set[str] = set()
        """Texts from places where secrets lie, which may be none: taken out of templates and runbooks as well."""
        self._plain: set[str] = set()
        self._known: dict[bool, list[re.Pattern[str]]] = {}

    def learn(self, value: Json) -> None:
        """Remember what is a secret in this value, and which texts are plain."""
        self._known.clear()
        self._plain.update(_plain(value))
        self._walked(value, "", "", False, learning=True)

    def learn_text(self, value: str) -> None:
        """The same of a text, such as a runbook's."""
        self._known.clear()
        for pattern in TEXTS:
            for match in pattern.finditer(value):
                self._keep((match.groupdict().get("value") or match.group()).strip("'\""), named=False)
        self._found.update(one for one in TOKEN.findall(value) if looks_secret(one))

    def clean(self, value: Json) -> Json:
        """The value without secrets, at any depth, in names of members too."""
        return self._walked(value, "", "", False, learning=False)

    def text(self, value: str, *, free: bool = True) -> str:
        """A text without secrets; a free one, such as a runbook, also without what lay in a place of secrets."""
        for pattern in self._patterns(free):
            value = pattern.sub(self._out, value)
        for pattern in TEXTS:
            value = pattern.sub(self._part, value)
        return TOKEN.sub(lambda match: self._out(match) if looks_secret(match.group()) else match.group(), value)

    def _keep(self, value: str, *, named: bool) -> None:
        """What was found: by its name, or else by what it holds, a secret everywhere."""
        strong = named or any(one.isdigit() or one in SIGNS for one in value)
        (self._found if strong else self._placed).add(value)

    def _walked(self, value: Json, name: str, kind: str, hide: bool, *, learning: bool) -> Json:
        if isinstance(value, dict):
            kind = text(value, "type").lower() or kind
            return {
                key if learning else self.text(key, free=False): self._walked(
                    inner, key, kind, self._hides(key, kind, hide, value), learning=learning
                )
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self._walked(one, name, kind, hide, learning=learning) for one in value]
        if hide and not isinstance(value, bool) and value not in ("", None, REMOVED):
            if learning:
                self._keep(str(value), named=bool(NAMED.search(name)))
            self.removed += not learning
            return REMOVED
        if isinstance(value, str):
            if learning:
                self.learn_text(value)
            return value if learning else self.text(value, free=False)
        return value

    def _hides(self, key: str, kind: str, hide: bool, holder: Object) -> bool:
        low = key.lower()
        if hide and low in STAYS:
            return False
        if NAMED.search(low) or HIDDEN.search(low) or low in PLACES or low in OF_TYPE.get(kind, ()):
            return True
        named = text(holder, "name") or text(holder, "key")
        if low in ("value", "defaultvalue") and (NAMED.search(named) or _secure(holder)):
            return True
        return hide

    def _patterns(self, free: bool) -> list[re.Pattern[str]]:
        if free not in self._known:
            found = (self._found | self._placed if free else self._found) - self._plain
            known = {one for one in found if len(one) >= SHORTEST and one != REMOVED}
            spelled = sorted(known | {_as_bicep(one) for one in known}, key=lambda one: (-len(one), one))
            parts = [spelled[at : at + CHUNK] for at in range(0, len(spelled), CHUNK)]
            self._known[free] = [re.compile("|".join(re.escape(one) for one in part)) for part in parts]
        return self._known[free]

    def _out(self, match: re.Match[str]) -> str:
        self.removed += 1
        return REMOVED

    def _part(self, match: re.Match[str]) -> str:
        found = match.groupdict().get("value")
        if found is None:
            return self._out(match)
        bare = found.strip("'\"")
        if not bare or bare.startswith((REMOVED, "$", "[", "(")) or bare.lower() in ("true", "false", "null"):
            return match.group()
        self.removed += 1
        start = match.start("value") - match.start()
        return match.group()[:start] + found.replace(bare, REMOVED) + match.group()[start + len(found) :]


def looks_secret(value: str) -> bool:
    """True for one word of capitals, small letters, figures and a sign, or a long base64 text; not for an address, a
    path or an expression."""
    if BASE64.match(value):
        return True
    if len(value) > 64 or "://" in value or value.startswith(("/", "$", "@", "#", "-")) or ADDRESS.match(value):
        return False
    kinds = (str.isupper, str.islower, str.isdigit)
    return all(any(check(one) for one in value) for check in kinds) and not SIGNS.isdisjoint(value)


def _secure(holder: Object) -> bool:
    return text(holder, "type").lower() in ("securestring", "secureobject")


def _plain(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str) and key.lower() in PLAIN:
                yield inner
            yield from _plain(inner)
    if isinstance(value, list):
        for one in value:
            yield from _plain(one)


def _as_bicep(value: str) -> str:
    for plain, spelled in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("${", "\\${")):
        value = value.replace(plain, spelled)
    return value
