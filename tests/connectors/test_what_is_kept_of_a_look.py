"""What is kept of a look holds no secret, still tells one state from another, and never ends up in an environment."""

from dataclasses import replace

import pytest
from connector_hands import azure, seen

from fakes.connector_desk import ONCE, Desk, deed
from sendoff.connectors.azure.items import settled
from sendoff.connectors.wire.body import REMOVED, pairs, scrubbed
from sendoff.model.digest import Json
from sendoff.model.errors import Refused
from sendoff.model.inventory import Kind, Verb

WEB = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a"
POLICY = "/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/p"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"adminPassword": "x"}, {"adminPassword": REMOVED}),
        ({"name": "DB_PASSWORD", "value": "x"}, {"name": "DB_PASSWORD", "value": REMOVED}),
        ({"name": "COLOUR", "value": "red"}, {"name": "COLOUR", "value": "red"}),
        ([{"a": {"apiToken": "x"}}], [{"a": {"apiToken": REMOVED}}]),
        ({"adminPassword": "[parameters('adminPassword')]"}, {"adminPassword": "[parameters('adminPassword')]"}),
        ({"adminPassword": "[parameters('a')] or x"}, {"adminPassword": REMOVED}),
        ({"password": ""}, {"password": ""}),
        ({"tokenType": "Bearer"}, {"tokenType": "Bearer"}),
    ],
)
def test_a_secret_field_is_left_out_and_what_only_names_a_secret_is_not(value: Json, kept: Json) -> None:
    assert scrubbed(value) == kept


def test_a_tag_that_is_called_like_a_secret_is_kept_by_its_name() -> None:
    assert pairs({"tags": {"dbPassword": "x", "owner": "vdm"}}, "tags") == [("dbPassword", REMOVED), ("owner", "vdm")]


def app(setting: str, more: str = "a") -> bytes:
    """What is kept of an application with one setting."""
    env: Json = [{"name": "COLOUR", "value": setting}]
    return settled({"id": WEB, "properties": {"siteConfig": {"appSettings": env}, "state": more}})


def test_no_setting_of_an_application_is_kept_and_any_other_change_still_shows() -> None:
    assert b"zomer" not in app("zomer") and b"COLOUR" in app("zomer")
    assert app("zomer") == app("winter"), "told apart by nothing but the secret"
    assert app("zomer") != app("zomer", "b")


def test_what_a_withdrawal_makes_again_is_kept_whole() -> None:
    rule: Json = {"parameters": {"location": {"type": "String", "defaultValue": "westeurope"}}, "env": "plain"}

    assert b"westeurope" in settled({"id": POLICY, "properties": rule}) and b"plain" in settled(
        {"id": POLICY, "properties": rule}
    )


def test_a_thing_whose_secret_is_left_out_of_its_image_is_not_made_again() -> None:
    desk = Desk()
    hand = azure(desk)
    item = seen(hand, desk, Kind.POLICY_DEFINITION)[0]
    whole = desk.tray.images[item.image]
    spoiled = whole.replace(b'"id":', b'"adminPassword":"(removed)","id":', 1)
    assert spoiled != whole
    kept = desk.tray.image(spoiled)
    desk.tray.approved |= {kept: spoiled, item.image: whole}
    action = replace(deed(item, Verb.PUT_BACK), before=kept)

    with pytest.raises(Refused, match="left out of its before-image"):
        hand.apply(action, once=ONCE, out=desk.tray)

    assert desk.wire.calls("PUT", "policyDefinitions") == 0
    hand.apply(replace(action, before=item.image), once=ONCE, out=desk.tray)
    assert desk.wire.calls("PUT", "policyDefinitions") == 1, "the same way does make it again when nothing is left out"
