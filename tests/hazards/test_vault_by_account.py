"""H6 by a Windows account: a whole case in which the vault shows only what the account may see."""

from datetime import date
from pathlib import Path

import tomli_w

from fakes.houses import Stage, card, stage
from fakes.leavings import approved, planned, run, standing
from sendoff.model.case import Case
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier
from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.wire import dig, text
from sendoff.settings import read_settings
from sendoff.wiring.rehearsal import settings_table

EXPORT, GIVE = "export-secrets", "hand-over-secrets"


def by_account(folder: Path) -> Stage:
    """A house whose vault is opened by an account of the domain."""
    world = Sandbox(1, str(Tier.PREMIUM))
    told = settings_table(card(world), folder)
    ours = dig(world.known(), "msp", "passwordstate", "windows")
    password = folder / "secrets" / "account"
    password.write_text(text(ours, "password"), encoding="utf-8")
    vault = {"mode": "windows", "account": text(ours, "account"), "password": {"file": str(password)}}
    told["passwordstate"] = {"url": "https://vault.intercept.example", "backup_days": 90, **vault}
    file = folder / "by-account.toml"
    file.write_text(tomli_w.dumps({name: one for name, one in told.items() if name != "github"}), encoding="utf-8")
    return stage(folder, tier=Tier.PREMIUM, sandbox=world, known=read_settings(file))


def waived(one: Stage, case: Case, step: str) -> None:
    """Two persons let a line go whose blind spot nobody can open."""
    for person in ("erik", "paul"):
        reason = "the owner of the vault says that nothing else lies in the folder"
        one.desk.waive(one.who(person), case.id, StepId(step), reason=reason, until=date(2027, 6, 1))


def test_h6_an_account_exports_what_it_sees_and_the_rest_of_the_folder_stays_a_blind_spot(tmp_path: Path) -> None:
    one = by_account(tmp_path)
    case = one.opened()
    said = {row.subject: row for row in one.desk.preflight(one.who("erik"), case.id).findings}
    assert (
        said["passwordstate by vault"].good and "svc-sendoff by Windows sign-in" in said["passwordstate by vault"].said
    )
    case = one.until(case, EXPORT, "left")
    left = standing(one, case, EXPORT)
    assert "whether more lie in the folder nobody tells" in left.reason
    parcel = one.desk.case(case.id).parcel
    assert parcel is not None and parcel.inside == 24 and parcel.withheld == 1
    waived(one, case, EXPORT)
    planned(one, case, GIVE)
    approved(one, case, GIVE)
    run(one, case)
    sent = [text(row.raw, "toRecipients") or str(row.raw) for row in one.sandbox.world.all("graph", "message")]
    assert [mail for mail in sent if "secrets.age" in mail], "what it sees is handed over"
    assert standing(one, case, GIVE).state is State.LEFT, "and the line is never called done by itself"
    blind = [spot for look in one.desk.case(case.id).looks.values() for spot in look.blind if "passwordstate" in spot]
    assert blind and all("MayNotSee" in spot for spot in blind)
