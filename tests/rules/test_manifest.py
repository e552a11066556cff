"""The manifest of onboarding: what is read of it, and every reason for which none of it is taken."""

from dataclasses import replace
from datetime import date

import pytest

from sendoff.model.errors import BadInput
from sendoff.model.facts import Destination, Recorded, ScopeRow
from sendoff.model.inventory import Kind, System
from sendoff.rules.manifest import MOST_SAID, lines_of
from sendoff.rules.recording import FORMS, added, record_of

TENANT = "7a3c1f0e-0000-4000-8000-000000000001"
OTHER = "7a3c1f0e-0000-4000-8000-000000000002"
INSIDE = "11111111-0000-4000-8000-000000000001"
OUTSIDE = "11111111-0000-4000-8000-000000000002"
STRANGE = "11111111-0000-4000-8000-000000000003"
PERSON = "22222222-0000-4000-8000-000000000001"
GROUP = f"/subscriptions/{INSIDE}/resourceGroups/rg-ours"
PLAN = f"/subscriptions/{INSIDE}/providers/Microsoft.Security/pricings/VirtualMachines"
SCOPE = (
    ScopeRow(system=System.AZURE, id=INSIDE.upper(), name="prod"),
    ScopeRow(system=System.AZURE, id=OUTSIDE, name="lab", destination=Destination.OUTSIDE),
)
HEAD = "tenant,kind,id,before,on,by\n"
ROW = f"{TENANT},resource-group,{GROUP},,2024-03-31,erik\n"
GROUP_ROW = Recorded(system=System.AZURE, kind=Kind.GROUP, id=GROUP, on=date(2024, 3, 31), by="erik")


def read(data: str | bytes, scope: tuple[ScopeRow, ...] = SCOPE) -> tuple[Recorded, ...]:
    """The rows of a manifest of this customer."""
    return record_of(lines_of(data.encode() if isinstance(data, str) else data, "m.csv"), TENANT, scope)


def one(kind: str, ident: str, before: str = "", day: str = "", tenant: str = TENANT) -> str:
    """A manifest with one row."""
    return f"{HEAD}{tenant},{kind},{ident},{before},{day},erik\n"


# ---- read --------------------------------------------------------------------------------------------------------

MADE = '"on":"2024-03-31","by":"erik"'
WRITTEN: tuple[tuple[str, str | bytes], ...] = (
    ("commas", HEAD + ROW),
    ("semicolons", (HEAD + ROW).replace(",", ";")),
    ("tabs", (HEAD + ROW).replace(",", "\t")),
    ("a separator of its own above the columns", "sep=;\n" + (HEAD + ROW).replace(",", ";")),
    ("a byte order mark and the line ends of Windows", ("\ufeff" + HEAD + ROW).replace("\n", "\r\n").encode()),
    ("line ends of an old Mac", (HEAD + ROW).replace("\n", "\r")),
    ("no line end at the end", (HEAD + ROW).rstrip("\n")),
    ("quotes and blanks", HEAD + f' {TENANT} ,"resource-group","{GROUP}", ,2024-03-31,"erik"\n'),
    ("empty rows and a row of separators", "\n" + HEAD + "\n" + ROW + ",,,,,\n\n"),
    ("columns in capitals and another order", f"BY,ID,Kind,Tenant,On\nerik,{GROUP},Resource-Group,{TENANT},2024-03-31"),
    ("JSON, a list", f'[{{"tenant":"{TENANT}","kind":"resource-group","id":"{GROUP}",{MADE}}}]'),
    (
        "JSON, the tenant once",
        f'\n{{"tenant":"{TENANT}","rows":[{{"kind":"resource-group","id":"{GROUP}","before":null,"system":"azure",{MADE}}}]}}',
    ),
    (
        "JSON with a byte order mark",
        f'\ufeff[{{"tenant":"{TENANT}","kind":"resource-group","id":"{GROUP}",{MADE}}}]',
    ),
)


@pytest.mark.parametrize(("how", "data"), WRITTEN, ids=[row[0] for row in WRITTEN])
def test_a_row_is_the_same_however_it_is_written(how: str, data: str | bytes) -> None:
    assert read(data) == (GROUP_ROW,), how


def test_a_cell_in_quotes_may_hold_the_separator_a_quote_and_a_line_end() -> None:
    rows = read(f'{HEAD}{TENANT},resource-group,"{GROUP}",,,"Jansen, ""Jan"""\n')
    assert rows[0].by == 'Jansen, "Jan"'
    with pytest.raises(BadInput, match=r"m\.csv:2: by holds a character that cannot be printed"):
        read(f'{HEAD}{TENANT},resource-group,"{GROUP}",,,"Jansen\nJan"\n')


def test_what_was_set_keeps_what_stood_there_before() -> None:
    rows = read(one("defender-plan", PLAN, "Free"))
    assert [(row.kind, row.before) for row in rows] == [(Kind.DEFENDER_PLAN, "Free")]


def test_every_kind_that_onboarding_makes_says_what_its_ids_look_like() -> None:
    assert all(form.said for form in FORMS.values())
    assert not {Kind.MAIL, Kind.CALL, Kind.TRANSFER, Kind.INVOICE} & FORMS.keys()


# ---- refused -----------------------------------------------------------------------------------------------------

JSON_ROW = f'{{"tenant":"{TENANT}","kind":"resource-group","id":"{GROUP}"}}'
BAD: tuple[tuple[str, str | bytes, str], ...] = (
    ("empty", "", "missing: tenant, kind, id"),
    ("columns and nothing under them", HEAD, "it has no rows"),
    ("JSON without rows", "[]", "it has no rows"),
    ("UTF-16", (HEAD + ROW).encode("utf-16"), "not UTF-8 at byte 0"),
    ("Latin-1", (HEAD + ROW.replace("erik", "Ren\xe9")).encode("latin-1"), "not UTF-8"),
    ("an unknown column", "tenant,kind,id,colour\n", "unknown column 'colour'"),
    ("a column twice", "tenant,kind,id,kind\n", "'kind' stands there twice"),
    ("no column for the tenant", f"kind,id\nresource-group,{GROUP}\n", "missing: tenant"),
    ("a quote that never ends", f'{HEAD}{TENANT},resource-group,"{GROUP},,,erik\n', "m.csv:2: not readable as CSV"),
    ("a quote in the middle", f'{HEAD}{TENANT},resource-group,"{GROUP}"x,,,\n', "m.csv:2: not readable as CSV"),
    ("more cells than columns", f"{HEAD}{ROW.strip()},more\n", "m.csv:2: 7 cells under 6 columns"),
    ("another separator below", HEAD + ROW.replace(",", ";"), "another customer's row"),
    ("JSON that breaks off", JSON_ROW, "expected a list of rows"),
    ("JSON with a comma too many", f"[{JSON_ROW},]", "not readable as JSON"),
    ("JSON with a name twice", f'[{{"id":"{GROUP}",{JSON_ROW[1:]}]', "'id' stands twice in one object"),
    ("JSON with a name twice at the top", f'{{"rows":[],"rows":[{JSON_ROW}]}}', "'rows' stands twice"),
    ("JSON with an unknown name", f'[{{"colour":"x",{JSON_ROW[1:]}]', "unknown name 'colour'"),
    ("JSON with more at the top", f'{{"rows":[{JSON_ROW}],"of":1}}', "expected a list of rows"),
    ("JSON with a number for an id", '[{"tenant":"x","kind":"secret","id":12}]', "expected text in quotes, found int"),
    ("JSON with a row that is none", f"[{JSON_ROW}, 7]", "rows[1]: expected an object"),
    ("JSON nested without end", "[" * 200_000, "not readable as JSON"),
    ("no tenant", one("resource-group", GROUP, tenant=""), "no tenant"),
    ("another customer's tenant", one("resource-group", GROUP, tenant=OTHER), "another customer's row"),
    ("no kind", one("", GROUP), "is no kind"),
    ("a kind that is never made at onboarding", one("mail", "1"), "'mail' is no kind that onboarding makes"),
    ("no id", one("resource-group", ""), "'' is no id of a resource-group"),
    ("a name for an id", one("resource-group", "rg-ours"), "'rg-ours' is no id of a resource-group"),
    ("an id of another kind", one("resource-group", f"{GROUP}/providers/A.B/c/d"), "is no id of a resource-group"),
    ("an id that climbs", one("resource", f"{GROUP}/providers/A.B/c/.."), "is no id of a resource"),
    ("an id with a question", one("resource", f"{GROUP}/providers/A.B/c/d?x"), "is no id of a resource"),
    ("an id with an escape", one("resource", f"{GROUP}/providers/A.B/c/%2e%2e"), "is no id of a resource"),
    ("an account by its address", one("user", "bram@vandermeer.example"), "8-4-4-4-12 hex digits"),
    ("the system of another kind", f"tenant,kind,id,system\n{TENANT},user,{PERSON},azure\n", "a user is in entra"),
    ("an unknown subscription", one("resource-group", GROUP.replace(INSIDE, STRANGE)), "not in the scope table"),
    ("a subscription that is not under our care", one("resource-group", GROUP.replace(INSIDE, OUTSIDE)), "outside our"),
    ("before, of what was made", one("resource-group", GROUP, "Free"), "is made, so nothing stood there before"),
    ("no tier before", one("defender-plan", PLAN), "Free or Standard, not ''"),
    ("a tier that does not exist", one("defender-plan", PLAN, "Gratis"), "Free or Standard, not 'Gratis'"),
    ("a day that two people read differently", one("user", PERSON, day="03/04/2024"), "write it as 2024-03-31"),
    ("a day that never was", one("user", PERSON, day="2024-02-30"), "is no day"),
    ("the same row twice", HEAD + ROW + ROW, "m.csv:3: resource-group"),
    ("the same id in another spelling", HEAD + ROW + ROW.replace(GROUP, GROUP.upper()), "stands already in m.csv:2"),
    ("a character that moves the cursor", one("resource-group", GROUP + "\x1b[2J"), "cannot be printed"),
)


@pytest.mark.parametrize(("how", "data", "said"), BAD, ids=[row[0] for row in BAD])
def test_what_is_not_wholly_understood_stops_the_whole_manifest(how: str, data: str | bytes, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(data)
    assert said in str(refused.value), how


def test_every_bad_row_is_named_with_its_line_and_the_rest_is_counted() -> None:
    many = "".join(f"{OTHER},user,{PERSON},,,\n" for _ in range(MOST_SAID + 3))
    with pytest.raises(BadInput) as refused:
        read(HEAD + ROW + many)
    said = str(refused.value)
    assert said.startswith(f"{MOST_SAID + 3} rows cannot be used, and nothing was written\nm.csv:3: ")
    assert said.endswith("and 3 more") and said.count("another customer's row") == MOST_SAID


def test_a_cell_of_many_megabytes_is_refused_and_not_swallowed() -> None:
    with pytest.raises(BadInput, match="field larger than field limit"):
        read(one("resource-group", "x" * 5_000_000))


def test_ten_thousand_rows_are_read() -> None:
    rows = "".join(f"{TENANT},prtg-device,{number},,,\n" for number in range(1, 10_001))
    assert len(read(HEAD + rows)) == 10_000


# ---- beside what the record holds --------------------------------------------------------------------------------


def test_what_the_record_holds_is_not_taken_twice() -> None:
    held = replace(GROUP_ROW, id=GROUP.upper(), on=None, by="")
    new = Recorded(system=System.ENTRA, kind=Kind.USER, id=PERSON)
    assert added((held,), (GROUP_ROW, new)) == (new,)
    assert added((), (GROUP_ROW, new)) == (GROUP_ROW, new)


def test_what_the_record_says_otherwise_is_never_overwritten() -> None:
    held = Recorded(system=System.AZURE, kind=Kind.DEFENDER_PLAN, id=PLAN, before="Standard")
    with pytest.raises(BadInput, match=r"the record says before 'Standard'.*the manifest before 'Free'"):
        added((held,), (replace(held, before="Free"),))
    with pytest.raises(BadInput, match="on 2024-03-31"):
        added((GROUP_ROW,), (replace(GROUP_ROW, on=date(2024, 4, 1)),))
