"""Promises of a state: what is known from outside is the same however often, and of whichever state, it is seen."""

from msgspec.structs import replace

from flows.engine.state import decode_state, encode_state, new_state


def test_facts_are_those_of_the_very_state():
    """Facts are decoded as they were given, also where two conversations are looked at in turn."""
    ann, bob = ({"participant": {"code": code}} for code in ("P-ANN", "P-BOB"))
    states = [decode_state(encode_state(new_state("en", facts))) for facts in (ann, bob)]
    for _ in range(2):
        assert [state.facts for state in states] == [ann, bob]


def test_a_state_that_follows_knows_the_same():
    """What changes in a turn leaves the facts as they were; a state with others has those."""
    state = new_state("en", {"program": {"team": "we"}})
    assert state.facts == replace(state, misses=1).facts == {"program": {"team": "we"}}
    other = replace(state, sealed_facts=new_state("en", {"program": None}).sealed_facts)
    assert other.facts == {"program": None}
    assert state.facts == {"program": {"team": "we"}}
