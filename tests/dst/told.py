"""Tell the second checker what the platforms saw."""

from tests.dst.tables import Told
from tests.dst.town import HardTown
from tests.support.turn_world import IDENTITY
from tests.walks.people import DISTRESS


def told_of(town: HardTown) -> Told:
    """What the platforms of a town saw until now, as rows."""
    lookups = {address: IDENTITY.lookup(address) for one in town.platforms.values() for address in one.chats}
    acknowledged = [
        (platform.name, one.inbound.external_id, one.inbound.former_id)
        for platform in town.platforms.values()
        for one in platform.acknowledged
    ]
    in_need = [
        (platform.name, one.inbound.external_id)
        for platform in town.platforms.values()
        for one in platform.acknowledged
        if one.inbound.text in DISTRESS
    ]
    shown = [
        (lookups[address], one.conversation or None, one.prompt.ask, one.prompt.text)
        for address, screen in town.evidence.screens.items()
        for one in screen
        if not one.edit
    ]
    return Told(acknowledged, shown, in_need)
