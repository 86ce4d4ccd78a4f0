"""The headers of every page, and who may post."""

import pytest
from starlette.datastructures import Headers

from bot.channels.page_guards import HEADERS, client_of, is_from_our_page

OURS = "https://talk.example.org"


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site", "origin": OURS}, False),
        ({"sec-fetch-site": "same-site", "origin": "https://other.example.org"}, False),
        ({"origin": OURS}, True),
        ({"origin": "null"}, True),
        ({}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": f"{OURS}.evil.example"}, False),
        ({"origin": "http://talk.example.org"}, False),
    ],
)
def test_a_post_from_elsewhere_is_known_by_its_browser(headers, is_ours):
    """What the browser says of the page that posts decides; one that says nothing is known by the form's mark."""
    assert is_from_our_page(Headers(headers), OURS) is is_ours


def test_only_the_proxys_own_word_counts():
    """Behind a proxy the last hop is the client; without one the header is whatever anybody wrote."""
    told = Headers({"x-forwarded-for": "1.1.1.1, 2.2.2.2,3.3.3.3"})
    twice = Headers(raw=[(b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-for", b"2.2.2.2")])
    assert client_of(told, "10.0.0.1", behind_proxy=True) == "3.3.3.3"
    assert client_of(twice, "10.0.0.1", behind_proxy=True) == "2.2.2.2"
    assert client_of(told, "10.0.0.1", behind_proxy=False) == "10.0.0.1"
    assert client_of(Headers({}), "10.0.0.1", behind_proxy=True) == "10.0.0.1"


def test_nothing_but_ours_is_loaded_or_posted_to():
    """The policy allows no other host, no script or style in a page, and no frame around it; nothing is kept."""
    policy = HEADERS["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
    assert "frame-ancestors 'none'" in policy
    assert HEADERS["referrer-policy"] == "no-referrer"
    assert HEADERS["cache-control"] == "no-store"
