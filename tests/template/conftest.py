"""The stack with its defaults, and what the function really logged."""

import os
from pathlib import Path

import pytest
from stack import Stack


@pytest.fixture(scope="session")
def stack():
    return Stack()


@pytest.fixture(scope="session")
def log_lines():
    """What the function really logged: the end-to-end tests write it to LOG_LINES."""
    path = os.environ.get("LOG_LINES")
    if path and Path(path).is_file():
        return Path(path).read_text().splitlines()
    why = f"no log of a real run: LOG_LINES is {path or 'not set'}; run the end-to-end tests first"
    pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
