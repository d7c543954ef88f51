"""The stack with its defaults."""

import pytest
from stack import Stack


@pytest.fixture(scope="session")
def stack():
    return Stack()
