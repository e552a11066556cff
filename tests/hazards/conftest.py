"""Stories told once, for tests that only read them."""

import pytest

from fakes.leavings import Told, told
from sendoff.model.template import Tier


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A customer with everything leaves."""
    return told(Tier.FULL_STACK, tmp_path_factory.mktemp("full"))


@pytest.fixture(scope="session")
def csp(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A customer of the smallest tier leaves."""
    return told(Tier.CSP, tmp_path_factory.mktemp("csp"))
