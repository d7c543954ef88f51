"""The built function and everything it talks to, once for all tests; each test takes orders of its own."""

import os
from pathlib import Path

import pytest
from cloud import Cloud
from function import Function


@pytest.fixture(scope="session")
def cloud():
    endpoint = os.environ.get("DYNAMODB_ENDPOINT")
    if not endpoint:
        pytest.fail("DYNAMODB_ENDPOINT is not set: run this through tools/dynamodb-local")
    cloud = Cloud(endpoint)
    yield cloud
    cloud.stop()


@pytest.fixture(scope="session")
def log_file():
    """Where everything the function logged goes: the template's alarms are tried on it."""
    path = os.environ.get("LOG_LINES")
    if path:
        Path(path).write_text("")
    return path and Path(path)


@pytest.fixture(scope="session")
def start(cloud, gateway, log_file, tmp_path_factory):
    """Starts a cold function, with some settings changed; None takes one away."""
    directory, functions = tmp_path_factory.mktemp("functions"), []

    def start(**changes):
        settings = cloud.settings(gateway.url) | changes
        function = Function(directory, {name: value for name, value in settings.items() if value is not None})
        functions.append(function)
        return function

    cloud.put_secret(gateway.key, gateway.secret)
    yield start
    for function in functions:
        function.stop()
        if log_file:
            with log_file.open("a") as file:
                file.writelines(f"{line}\n" for line in function.lines())


@pytest.fixture(scope="session")
def function(start):
    """A function that stays warm."""
    return start()


@pytest.fixture
def order(cloud, request):
    """An order of this test's own, over 1000 won; its merchant_uid."""
    merchant_uid = request.node.name
    cloud.orders.put(merchant_uid=merchant_uid, amount=1000)
    return merchant_uid
