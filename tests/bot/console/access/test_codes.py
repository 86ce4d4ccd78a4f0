"""The codes that an app of a second step shows."""

import pyotp

from bot.console.access.codes import step_of_code


def test_a_code_is_good_in_its_half_minute_and_the_ones_beside_it():
    """Clocks of phones differ; codes of a minute ago are none."""
    secret, now = pyotp.random_base32(), 1_700_000_010
    for seconds, step in ((now - 30, -1), (now, 0), (now + 30, 1)):
        assert step_of_code(secret, pyotp.TOTP(secret).at(seconds), now) == now // 30 + step
    assert step_of_code(secret, pyotp.TOTP(secret).at(now - 90), now) is None
    assert step_of_code(secret, "", now) is None
