"""TOPdesk's query language, as far as a client can get it right or wrong."""

import pytest

from sendoff.sandbox.topdesk_query import Malformed, query
from sendoff.sandbox.wire import Obj

CARD: Obj = {
    "name": "O'Brien; Sons (x)",
    "n": 3,
    "on": False,
    "at": "2026-11-23T08:00:00Z",
    "in": {"id": "7"},
    "no": None,
}


@pytest.mark.parametrize(
    ("source", "fits"),
    [
        (r"name=='O\'Brien; Sons (x)'", True),
        (r'name=="o\'brien; sons (x)";on==false', True),
        ("in.id==7;n==3", True),
        ("in.id==8,n==3", True),
        ("(in.id==8,n==3);on==true", False),
        ("n=in=(1,'3')", True),
        ("n=out=(1,3)", False),
        ("at=gt=2026-11-23T07:59:00Z;at=le='2026-11-23T09:00:00+01:00'", True),
        ("no==null;name!=null", True),
        ('name=sw="O\'Br"', True),
        ("missing==x", False),
        ("missing!=x", True),
    ],
)
def test_the_query_language_as_the_vendor_writes_it(source: str, fits: bool) -> None:
    assert query(source)(CARD) is fits


@pytest.mark.parametrize("source", ["name", "name==", "a==a b", "a=='a", "(a==a", "a==a;", "n=in=3", "n==(1)"])
def test_a_query_that_is_not_one_is_malformed(source: str) -> None:
    with pytest.raises(Malformed):
        query(source)
