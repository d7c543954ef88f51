"""What no status code tells: whether the function called a request malformed."""

from urllib.parse import parse_qs, urlsplit

import schemathesis
from schemathesis.checks import CHECKS


def word(response):
    """The answer's status, or the one that goes along with a browser."""
    if response.status_code != 303:
        return response.json()["status"]
    (location,) = response.headers["location"]
    return parse_qs(urlsplit(location).query)["status"][0]


@schemathesis.check
def only_the_malformed_is_a_bad_request(ctx, response, case):
    if word(response) != "badRequest":
        # It knows what, once on its way, is as good as well-formed.
        CHECKS.get_one("negative_data_rejection")(ctx, response, case)
    elif case.meta.generation.mode.is_positive:
        raise AssertionError("well-formed, and called malformed")
