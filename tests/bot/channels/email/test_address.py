import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.email.address import address_of, mailbox_of, normalised
from bot.channels.email.mails import in_header


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Ana.Silva@Example.ORG", "ana.silva@example.org"),
        ("<ana+news@example.org>", "ana+news@example.org"),
        ("mailto:ana@example.org", "ana@example.org"),
        ("ana@m\u00fcnchen.example", "ana@xn--mnchen-3ya.example"),
        ("ana@stra\u00dfe.example", None),
        ("ana@STRA\u1e9eE.example", None),
        ("ana@\u03bb\u03cc\u03b3\u03bf\u03c2.example", None),
        ("ana@a\u200db.example", None),
        ("ana@localhost", None),
        ("ana@@example.org", None),
        (".ana@example.org", None),
        ('"a b"@example.org', None),
        ("ana@example.org, eve@example.org", None),
        ("ana@exa mple.org", None),
        ("ana\r\nBcc: eve@example.org", None),
        ("ana@-example.org", None),
        (f"{'a' * 65}@example.org", None),
        (f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 63}.org", None),
        ("", None),
    ],
)
def test_one_mailbox_has_one_spelling(written: str, found: str | None) -> None:
    """Capitals, brackets and letters of other scripts make no other mailbox, and what is no address is none."""
    assert normalised(written) == found


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80))
def test_whatever_is_written_breaks_no_header(written: str) -> None:
    """Any text is none, or an address that stands in a header field as it is; reading it again changes nothing."""
    found = normalised(written)
    if found is not None:
        assert found.isascii()
        assert not set(found) & set('\r\n ,;:<>()[]\\"')
        assert normalised(found) == found
        assert mailbox_of(address_of(found)) == found
        assert in_header(found).addr_spec == found


@pytest.mark.parametrize(
    "address", ["telegram:1", "email:Ana@example.org", "email:a@b.org\nBcc: c@d.org", "email:"]
)
def test_a_mail_goes_to_no_other_address(address: str) -> None:
    """Only an address of this channel in its one spelling has a mailbox."""
    assert mailbox_of(address) is None
