"""Ways that settings and facts choose: contracts kept as assets, a transfer accepted by API, an account with a pass."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx2

from fakes.houses import CountedIds, NoLimits, Stage, card, settings, stage
from fakes.in_process import InProcess
from sendoff.model.case import Case
from sendoff.model.digest import Digest, canonical
from sendoff.model.facts import Facts, Invited
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier
from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.wire import text
from sendoff.settings import Settings
from sendoff.store.sealing import opened
from sendoff.wiring import wired
from sendoff.wiring.control import Control
from sendoff.wiring.waiting import HANDS


def staged(folder: Path, tier: Tier, change: Callable[[Settings], Settings]) -> Stage:
    """A stage whose house was set up another way."""
    here = stage(folder, tier=tier)
    client = httpx2.Client(transport=here.wire)
    here.house = wired(
        settings=change(settings(folder, here.sandbox)),
        limits=NoLimits(),
        clients=lambda: client,
        control=Control(card(here.sandbox), InProcess(here.sandbox)),
        ids=CountedIds(),
    )
    return here


def by_assets(found: Settings) -> Settings:
    """Contracts are assets of a template."""
    assert found.topdesk is not None
    kept = found.topdesk.model_copy(update={"contract_mode": "asset", "asset_template": "Contract"})
    return found.model_copy(update={"topdesk": kept})


def by_api(found: Settings) -> Settings:
    """Transfers are accepted by API."""
    assert found.partner_center is not None
    return found.model_copy(update={"partner_center": found.partner_center.model_copy(update={"accept_by_api": True})})


def state_of(case: Case, step: str) -> State:
    """How a step stands."""
    return case.steps[StepId(step)].state


def archived(sandbox: Sandbox, slug: str) -> list[bool]:
    """Whether each contract asset of a customer is archived."""
    assets = [one for one in sandbox.world.all("topdesk", "asset") if one.owner == slug]
    return [one.raw.get("archived") is True for one in assets if "ontract" in text(one.raw, "name")]


def test_a_contract_kept_as_an_asset_is_archived_by_machine_and_not_before_the_contract_is_over(tmp_path: Path) -> None:
    here = staged(tmp_path, Tier.CSP, by_assets)
    case = here.opened()
    here.until(case, "stop-renewals", State.DONE)
    assert archived(here.sandbox, "vandermeer") and not any(archived(here.sandbox, "vandermeer"))
    ended = here.story(case).tell()
    assert state_of(ended, "terminate-contract") is State.DONE
    assert all(archived(here.sandbox, "vandermeer"))
    assert not any(archived(here.sandbox, "meerzicht"))


def test_a_transfer_is_accepted_by_api_only_where_the_settings_say_so_and_is_followed_to_its_end(
    tmp_path: Path,
) -> None:
    here = staged(tmp_path, Tier.CSP, by_api)
    told = here.story(here.opened())
    told.hands = {step: deeds for step, deeds in HANDS.items() if step != "accept-transfer"}
    ended = told.tell()
    assert state_of(ended, "accept-transfer") is State.DONE
    transfers = here.sandbox.world.all("partner-center", "transfer")
    assert [text(one.raw, "status") for one in transfers] == ["Completed"]


def with_account(facts: Facts) -> Facts:
    """The new supplier's administrator gets an account and a one-time pass."""
    assert facts.supplier is not None and facts.supplier.administrator is not None
    new = replace(facts.supplier.administrator, how=Invited.ACCOUNT)
    return replace(facts, supplier=replace(facts.supplier, administrator=new))


def test_a_one_time_pass_is_sealed_to_the_customer_and_the_step_waits_for_the_sign_in(tmp_path: Path) -> None:
    here = stage(tmp_path, tier=Tier.PREMIUM)
    case = here.opened(with_account)
    held = here.until(case, "create-administrator", State.HELD)
    parcel = held.parcels[StepId("create-administrator")]
    assert (parcel.recipient, parcel.inside) == ("bram@vandermeer.example", 1)
    mails = [one.raw for one in here.sandbox.world.all("graph", "message")]
    with_parcel = [one for one in mails if "administrator.age" in str(one)]
    assert with_parcel and "noordzeecloud" not in str([one.get("toRecipients") for one in with_parcel])
    (value,) = {found for _, answer in here.wire.answered if (found := told(answer, "temporaryAccessPass"))}
    sealed = here.desk.ports.store.get(case.id, parcel.digest)
    assert value in opened(sealed, here.sandbox.world.customer_age_key)["secrets.json"].decode()
    kept = b"".join(here.desk.ports.store.get(case.id, one) for one in blobs(here, case))
    assert b"User Administrator" in kept and value.encode() not in kept


def told(answer: httpx2.Response, name: str) -> str:
    """A member of a JSON answer; empty when it has none."""
    found = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
    return str(found.get(name) or "") if isinstance(found, dict) else ""


def blobs(here: Stage, case: Case) -> list[Digest]:
    """Every digest that the journal of a case names."""
    chain = canonical([entry.body for entry in here.house.journal.entries(case.id)]).decode()
    named = sorted({Digest(one) for one in re.findall(r"sha256:[0-9a-f]{64}", chain)})
    return [one for one in named if here.desk.ports.store.has(case.id, one)]
