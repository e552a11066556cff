"""Parcels: opened by the recipient's age key only, inert in a spreadsheet, and silent in their manifest."""

import csv
import io
import json

import pyrage
import pytest

from sendoff.model.errors import BadInput
from sendoff.model.secret import Secret
from sendoff.store.sealing import AgeSealer, Parcel, new_identity, opened

PASSWORD = "correct horse battery staple"


def filled(parcel: Parcel) -> tuple[bytes, bytes]:
    parcel.add({"Title": "router", "UserName": "=cmd()"}, {"Password": Secret(PASSWORD)})
    parcel.add({"Title": "firewall", "UserName": "root"}, {"Password": Secret("-1+1"), "Note": Secret("naïef €")})
    parcel.withhold("our own admin", "ours: the record says that it is ours")
    return parcel.seal()


def test_the_recipient_opens_the_parcel_with_their_age_key() -> None:
    secret, public = new_identity()

    with AgeSealer().open_parcel(public, case="L1") as parcel:
        sealed, manifest = filled(parcel)

    inside = opened(sealed, secret)
    records = json.loads(inside["secrets.json"])
    assert sealed.startswith(b"age-encryption.org/v1")
    assert [row["Password"] for row in records] == [PASSWORD, "-1+1"]
    assert records[1]["Note"] == "naïef €"
    assert inside["manifest.json"] == manifest
    assert set(inside) == {"README.txt", "secrets.json", "secrets.csv", "manifest.json"}


def test_another_key_opens_nothing() -> None:
    _, public = new_identity()
    other, _ = new_identity()
    with AgeSealer().open_parcel(public, case="L1") as parcel:
        sealed, _ = filled(parcel)

    with pytest.raises(pyrage.DecryptError):
        opened(sealed, other)


def test_neither_the_sealed_bytes_nor_the_manifest_show_a_secret_or_its_title() -> None:
    _, public = new_identity()
    with AgeSealer().open_parcel(public, case="L1") as parcel:
        sealed, manifest = filled(parcel)

    for hidden in (PASSWORD, "router", "firewall", "root", "-1+1"):
        assert hidden.encode() not in sealed
        assert hidden.encode() not in manifest
    said = json.loads(manifest)
    assert (said["inside"], len(said["records"])) == (2, 2)
    assert said["withheld"] == [{"reason": "ours: the record says that it is ours", "title": "our own admin"}]


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_runs_no_value_as_a_formula_and_the_json_has_it_as_it_is(value: str) -> None:
    secret, public = new_identity()
    with AgeSealer().open_parcel(public, case="L1") as parcel:
        parcel.add({"Title": value}, {"Password": Secret(value)})
        sealed, _ = parcel.seal()

    inside = opened(sealed, secret)
    rows = list(csv.DictReader(io.StringIO(inside["secrets.csv"].decode("utf-8-sig"), newline="")))

    assert [(row["Title"][:1], row["Password"][:1]) for row in rows] == [("'", "'")]
    assert json.loads(inside["secrets.json"]) == [{"Title": value, "Password": value}]


def test_the_names_of_columns_are_inert_too() -> None:
    secret, public = new_identity()
    with AgeSealer().open_parcel(public, case="L1") as parcel:
        parcel.add({"=HYPERLINK(1)": "x"}, {})
        sealed, _ = parcel.seal()

    first = opened(sealed, secret)["secrets.csv"].decode("utf-8-sig").splitlines()[0]

    assert first == "'=HYPERLINK(1)"


def test_an_empty_parcel_seals_and_says_that_it_is_empty() -> None:
    secret, public = new_identity()
    with AgeSealer().open_parcel(public, case="L1") as parcel:
        sealed, manifest = parcel.seal()

    assert json.loads(manifest)["inside"] == 0
    assert json.loads(opened(sealed, secret)["secrets.json"]) == []


@pytest.mark.parametrize("key", ["", "age1", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1QQQ"])
def test_what_is_no_age_public_key_is_refused_before_a_secret_is_read(key: str) -> None:
    with pytest.raises(BadInput, match="age public key"), AgeSealer().open_parcel(key, case="L1"):
        pytest.fail("nothing is read for nobody")


def test_equal_records_in_two_parcels_have_marks_that_do_not_tell() -> None:
    _, public = new_identity()
    with AgeSealer().open_parcel(public, case="L1") as one, AgeSealer().open_parcel(public, case="L1") as other:
        (_, first), (_, second) = filled(one), filled(other)

    assert not set(json.loads(first)["records"]) & set(json.loads(second)["records"])
