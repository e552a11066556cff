"""`sendoff look --read-only`: what of ours is in a tenant, with nothing configured but a sign-in."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sendoff.cli.caller import AsJson, SettingsFile, tell_code
from sendoff.cli.drawing import as_json, out, table
from sendoff.model.errors import BadInput
from sendoff.model.template import Tier

if TYPE_CHECKING:
    from sendoff.wiring.readonly import ReadOnlyLook, Thing

ReadOnly = Annotated[bool, Parameter(name="--read-only", negative=(), help="Must be given: this command never writes.")]
Device = Annotated[bool, Parameter(name="--device-code", negative=(), help="Sign in by a code typed in a browser.")]
Subscriptions = Annotated[tuple[str, ...], Parameter(name="--subscription", help="Only this one, by id or name.")]
Name = Annotated[str, Parameter(name="--provider-name", help="Our name, as things and accounts carry it.")]
Tenant = Annotated[str, Parameter(name="--provider-tenant", help="The id of our own Entra tenant.")]
Domains = Annotated[tuple[str, ...], Parameter(name="--provider-domain", help="A mail domain of ours; repeatable.")]
Tag = Annotated[str, Parameter(name="--tag", help="The tag that we put on what we make: name=value.")]
Principals = Annotated[
    tuple[str, ...], Parameter(name="--principal", help="Object id of a group or app of ours; repeatable.")
]


def look(
    *,
    tenant: str,
    read_only: ReadOnly = False,
    device_code: Device = False,
    subscription: Subscriptions = (),
    tier: Tier = Tier.FULL_STACK,
    provider_name: Name = "",
    provider_tenant: Tenant = "",
    provider_domain: Domains = (),
    tag: Tag = "",
    principal: Principals = (),
    settings: SettingsFile = None,
    json: AsJson = False,
) -> int:
    """See what of ours is in a customer's tenant, before any case. It reads with your own sign-in and keeps nothing.

    You sign in with the Azure CLI where there is one, else with a device code. Who we are comes from the flags, else
    from [provider] of the settings, else from your sign-in. Exit 0 when everything was seen, 1 when something was not.

    **Example**

    ```
    sendoff look --read-only --tenant 7a3c1f0e-0000-4000-8000-000000000001
    sendoff look --read-only --tenant 7a3c1f0e-0000-4000-8000-000000000001 --device-code --json > look.json
    ```

    Parameters
    ----------
    tenant
        The id of the customer's Entra tenant.
    tier
        The tier whose lines of the checklist it is held against.
    """
    from sendoff.wiring.readonly import look_read_only, settings_or_environment
    from sendoff.wiring.wayin import Asked, checked_tenant, wires_for
    from sendoff.wiring.whoweare import Told

    if not read_only:
        raise BadInput(
            "give --read-only: this only ever looks, and wants to be asked for that in so many words", where="look"
        )
    us = Told(
        name=provider_name,
        tenant=checked_tenant(provider_tenant) if provider_tenant else "",
        domains=provider_domain,
        tag=tag,
        principals=principal,
    )
    asked = Asked(tenant=checked_tenant(tenant), only=subscription, tier=tier, us=us)
    found = settings_or_environment(settings)
    seen = look_read_only(asked, found, wires_for(found, device_code=device_code, say=tell_code))
    if json:
        as_json(seen)
    else:
        _draw(seen)
    return 1 if seen.blind else 0


def _draw(seen: "ReadOnlyLook") -> None:
    _summary(seen)
    names = {one.id: one.name for one in seen.subscriptions}
    table("Ours", ("kind", "name", "where", "why"), _rows(seen.ours, names), empty="nothing that we know of")
    if seen.shared:
        table("Shared: ours, and used by what is not", ("kind", "name", "where", "why"), _rows(seen.shared, names))
    table("Whose is unknown", ("kind", "name", "where", "why"), _rows(seen.unknown, names))
    left = [(one.kind, one.count, one.line, one.role, "added" if one.added else "") for one in seen.left]
    table("What would be left behind", ("kind", "count", "the step that ends it", "role", "not on the checklist"), left)
    if seen.added:
        called = [(one.step, one.text, one.reason) for one in seen.added]
        table("Steps that this calls for", ("step", "text", "why"), called)
    missing = [(" or ".join(one.keys), one.opens, len(one.shut)) for one in seen.missing]
    table("Keys that are missing", ("key", "what it would open", "cells"), missing)
    blind = [(one.cell.kind, names.get(one.cell.scope, one.cell.scope), one.reason) for one in seen.blind]
    table("What could not be seen", ("kind", "where", "why"), blind, empty="every cell was read")
    table("What this does not look at", ("what", "needs"), [(one.what, one.needs) for one in seen.unasked])
    out(f"{seen.changed[0].upper()}{seen.changed[1:]}.")


def _summary(seen: "ReadOnlyLook") -> None:
    left = sum(one.count for one in seen.left)
    out(f"Tenant {seen.tenant}, seen by {seen.signed_in} through {seen.way_in}.")
    out(f"We are {seen.we.name} ({', '.join(seen.we.domains)}, tenant {seen.we.tenant}), by {seen.we.source}.")
    out(f"{len(seen.subscriptions)} subscriptions: {', '.join(one.name for one in seen.subscriptions) or 'none seen'}.")
    out(
        f"{len(seen.ours)} things are ours, {len(seen.shared)} shared, {len(seen.unknown)} unknown, "
        f"{seen.customers} the customer's. {left} of ours would be left behind, and whatever of the unknown is ours: "
        "a named person decides that."
    )
    out(
        f"{seen.cells} cells, {len(seen.blind)} of them not seen, {len(seen.missing)} keys missing; "
        f"{seen.milliseconds / 1000:.1f} s; {seen.changed}.\n"
    )


def _rows(things: "Iterable[Thing]", names: dict[str, str]) -> list[tuple[str, str, str, str]]:
    return [(one.kind, one.name, names.get(one.scope, one.scope), "; ".join(one.why)) for one in things]
