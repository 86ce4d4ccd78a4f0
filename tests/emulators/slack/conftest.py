"""What all tests beside this file run with."""

from tests.support.slack_channel import no_proxy, slack

__all__ = ["no_proxy", "slack"]
