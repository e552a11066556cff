"""What a person does by hand in a vendor's page, which no API of ours can; and strays and residue for tests."""

from collections.abc import Callable

from sendoff.sandbox import arm_inside, graph_activity, hands_partner, prtg_tree
from sendoff.sandbox.arm_access import GLOBAL_ADMIN, UNDELEGATE
from sendoff.sandbox.arm_delete import family
from sendoff.sandbox.arm_ids import DELEGATION, MACHINE, OFFER, ROLE, place
from sendoff.sandbox.entra import note_sign_in, person
from sendoff.sandbox.graph_mail import deliver
from sendoff.sandbox.graph_users import invite, soft_delete
from sendoff.sandbox.hands_house import close_calls, end_contract, uninstall_probe
from sendoff.sandbox.seed_blocked import mend as mend_blocked
from sendoff.sandbox.seed_blocked import plant as plant_blocked
from sendoff.sandbox.seed_build import NEW_SUPPLIER
from sendoff.sandbox.seed_kept import plant as plant_kept
from sendoff.sandbox.seed_leftovers import plant as plant_leftovers
from sendoff.sandbox.seed_leftovers import take_out as take_out_leftovers
from sendoff.sandbox.seed_traces import plant as plant_traces
from sendoff.sandbox.seed_traces import take_out as take_out_traces
from sendoff.sandbox.wire import Json, Obj, arr, dig, obj, text, words
from sendoff.sandbox.world import Customer, Identity, Thing, World

Deed = Callable[[World, Customer, Obj], list[str]]


def act(world: World, asked: Obj) -> list[str] | None:
    """Do one thing by hand; the keys of what it touched, or None when the deed or the customer is unknown."""
    deed, customer = DEEDS.get(text(asked, "do")), world.customers.get(text(asked, "customer"))
    return deed(world, customer, asked) if deed and customer else None


def _gone(world: World, things: list[Thing]) -> list[str]:
    for one in things:
        world.remove(one)
    return [one.key for one in things]


def _delete_probe(world: World, customer: Customer, asked: Obj) -> list[str]:
    probe = world.get("prtg", "probe", text(customer.known, "prtg", "probe_id"))
    if probe is None:
        return []
    keys = [one.key for one in (*prtg_tree.below(world, probe.id), probe)]
    prtg_tree.remove(world, probe)
    return keys


def _reconnect(world: World, customer: Customer, asked: Obj) -> list[str]:
    ident = str(9000 + len(world.all("prtg", "probe")))
    raw: Obj = {
        "objid": int(ident),
        "name": f"Probe {customer.name}",
        "tags": "",
        "parentid": "0",
        "pausedas": 0,
        "state": 1,
        "message": "",
        "lastvalue": "",
        "host": "",
        "location": "",
        "comments": "",
        "gid": "{" + world.guid(customer.slug, "probe-gid").upper() + "}",
        "authorized": "0",
    }
    probe = world.add(Thing("prtg", "probe", ident, customer.slug, raw))
    prtg_tree.log(world, probe, 710)
    return [probe.key]


def _delete_app(world: World, customer: Customer, asked: Obj) -> list[str]:
    principal = text(customer.known, "app", "service_principal_id")
    found = [one for one in world.all("arm", ROLE) if text(one.raw, "properties", "principalId") == principal]
    keys = _gone(world, found)
    for kind, key in (("application", "object_id"), ("servicePrincipal", "service_principal_id")):
        thing = world.get("graph", kind, text(customer.known, "app", key))
        if thing is not None:
            soft_delete(world, thing)
            keys.append(thing.key)
    return keys


def _create_admin(world: World, customer: Customer, asked: Obj) -> list[str]:
    admin = next(one for one in world.all("graph", "user") if one.place == customer.tenant)
    who = Identity(
        kind="person",
        tenant=customer.tenant,
        client="portal",
        principal=admin.id,
        name="customer",
        audience="graph",
        expires=0.0,
    )
    mail = text(asked, "mail") or text(NEW_SUPPLIER, "admin_mail")
    made = invite(
        world,
        who,
        {
            "invitedUserEmailAddress": mail,
            "invitedUserDisplayName": text(NEW_SUPPLIER, "admin_name"),
            "sendInvitationMessage": True,
            "inviteRedirectUrl": "https://portal.azure.com",
        },
    )
    guest = text(dig(made.json(), "invitedUser"), "id")
    ident = world.fresh("roleAssignment").replace("-", "")
    raw: Obj = {"id": ident, "principalId": guest, "roleDefinitionId": GLOBAL_ADMIN, "directoryScopeId": "/"}
    given = world.add(Thing("graph", "roleAssignment", ident, customer.slug, raw, customer.tenant))
    return [f"graph:user:{guest}", given.key]


def _delete_account(world: World, customer: Customer, asked: Obj) -> list[str]:
    """The customer deletes accounts and apps, by their ids (`ids`), in the admin centre."""
    found = [world.get("graph", kind, one) for one in words(asked.get("ids")) for kind in ("user", "servicePrincipal")]
    mine = [one for one in found if one is not None and one.place == customer.tenant]
    for one in mine:
        soft_delete(world, one)
    return [one.key for one in mine]


def _delete_list(world: World, customer: Customer, asked: Obj) -> list[str]:
    lists = [one for one in world.all("vault", "list") if one.owner == customer.slug]
    held = {one.place for one in world.all("vault", "password")}
    empty = [one for one in lists if one.id not in held]
    folders = [one for one in world.all("vault", "folder") if one.owner == customer.slug]
    return _gone(world, empty + (folders if len(empty) == len(lists) else []))


def _end_gdap(world: World, customer: Customer, asked: Obj) -> list[str]:
    found = [one for one in world.all("graph", "delegatedAdminRelationship") if one.owner == customer.slug]
    for one in found:
        world.change(one, {"status": "terminated"})
    return [one.key for one in found]


def _remove_offers(world: World, customer: Customer, asked: Obj) -> list[str]:
    used = {text(one.raw, "properties", "registrationDefinitionId").lower() for one in world.all("arm", DELEGATION)}
    return _gone(
        world, [one for one in world.all("arm", OFFER) if one.owner == customer.slug and one.id.lower() not in used]
    )


def _drop_delete_role(world: World, customer: Customer, asked: Obj) -> list[str]:
    found = [one for one in world.all("arm", OFFER) if one.owner == customer.slug]
    for one in found:
        inner = obj(one.raw.get("properties"))
        kept = [row for row in arr(inner.get("authorizations")) if text(row, "roleDefinitionId") != UNDELEGATE]
        world.change(one, {"properties": {**inner, "authorizations": kept}})
    return [one.key for one in found]


def _remove_delegation(world: World, customer: Customer, asked: Obj) -> list[str]:
    wanted = words(asked.get("subscriptions")) or _leaving(customer)
    return _gone(
        world, [one for one in world.all("arm", DELEGATION) if one.owner == customer.slug and one.place in wanted]
    )


def _remove_foreign(world: World, customer: Customer, asked: Obj) -> list[str]:
    wanted = words(asked.get("subscriptions")) or _leaving(customer)
    return _gone(
        world,
        [
            one
            for one in world.all("arm", ROLE)
            if one.place in wanted and text(one.raw, "properties", "principalType") == "ForeignGroup"
        ],
    )


def _leaving(customer: Customer) -> list[str]:
    subs = customer.known.get("subscriptions")
    rows = subs if isinstance(subs, list) else []
    return [text(one, "id") for one in rows if obj(one).get("leaves") is True]


def _without_log(world: World, customer: Customer, asked: Obj) -> list[str]:
    """Our own tenant's activity log is nobody's to read any more."""
    touched = sorted(world.proofs.watchers)
    world.proofs.watchers.clear()
    return touched


def _delete_by_id(world: World, customer: Customer, asked: Obj) -> list[str]:
    where = place(text(asked, "id"))
    thing = world.get("arm", where.kind, where.id)
    return _gone(world, family(world, thing)) if thing and thing.owner == customer.slug else []


def _mail(world: World, customer: Customer, asked: Obj) -> list[str]:
    sender = text(asked, "from") or f"anna@{customer.domain}"
    deliver(world, text(asked, "to"), sender, text(asked, "subject"), text(asked, "body"))
    return [f"graph:mailbox:{text(asked, 'to')}"]


def _stop_machine(world: World, customer: Customer, asked: Obj) -> list[str]:
    machine = world.get("arm", MACHINE, text(asked, "id"))
    if machine is None or machine.owner != customer.slug:
        return []
    if asked.get("running") is True:
        world.stopped.discard(machine.id.lower())
    else:
        world.stopped.add(machine.id.lower())
    return [machine.key]


def _sign_in(world: World, customer: Customer, asked: Obj) -> list[str]:
    user = person(world, customer.tenant, text(asked, "mail"))
    if user is None or user.raw.get("accountEnabled") is not True:
        return []
    note_sign_in(world, user, "graph")
    return [user.key]


DEEDS: dict[str, Deed] = {
    "prtg.delete-probe": _delete_probe,
    "prtg.probe-reconnects": _reconnect,
    "graph.delete-app": _delete_app,
    "graph.create-admin": _create_admin,
    "passwordstate.delete-empty-lists": _delete_list,
    "mail": _mail,
    "graph.end-gdap": _end_gdap,
    "arm.plant-house": plant_kept,
    "arm.plant-inside": arm_inside.plant,
    "arm.take-out-inside": arm_inside.take_out,
    "arm.plant-leftovers": plant_leftovers,
    "arm.take-out-leftovers": take_out_leftovers,
    "graph.plant-traces": plant_traces,
    "graph.take-out-traces": take_out_traces,
    "arm.drop-delete-role": _drop_delete_role,
    "arm.remove-offers": _remove_offers,
    "arm.remove-delegation": _remove_delegation,
    "arm.remove-foreign-groups": _remove_foreign,
    "arm.delete": _delete_by_id,
    "arm.without-tenant-log": _without_log,
    "topdesk.end-contract": end_contract,
    "topdesk.close-calls": close_calls,
    "prtg.uninstall-probe": uninstall_probe,
    "arm.stop-machine": _stop_machine,
    "graph.sign-in": _sign_in,
    "graph.plant-only-ours": plant_blocked,
    "graph.mend-only-ours": mend_blocked,
    "graph.delete-account": _delete_account,
    "graph.use-account": graph_activity.use,
    "graph.without-premium": graph_activity.without_premium,
    "graph.without-audit-read": graph_activity.without_audit_read,
    "partner-center.accept-transfer": hands_partner.accept_transfer,
    "partner-center.transfer-fails-half": hands_partner.fail_half,
    "partner-center.renewal-off": hands_partner.renewal_off,
    "partner-center.end-commitments": hands_partner.end_commitments,
}


def deeds() -> list[Json]:
    """The names of everything /hands can do."""
    return [*sorted(DEEDS)]
