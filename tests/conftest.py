"""What the suites share."""

import pytest
from gateway import Gateway


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    """iamport-sim; every test makes payments of its own."""
    gateway = Gateway(tmp_path_factory.mktemp("gateway"))
    yield gateway
    gateway.stop()


@pytest.fixture(autouse=True)
def no_faults_left(request):
    """A fault is its test's own."""
    yield
    if "gateway" in request.fixturenames:
        request.getfixturevalue("gateway").clear_faults()
