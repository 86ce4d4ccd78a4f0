"""Promises of storage/database/address_keys.py: addresses cannot be read without the key, and are found with it."""

import base64

import pytest

from storage.database.address_keys import AddressKeys, key_path, load_or_make_key
from storage.errors import KeyUnreadable, KeyWrong

KEY = bytes(range(32))
ADDRESS = "telegram:1234"


def test_an_address_comes_back_with_the_key_and_only_with_it():
    """What is sealed with a key is opened by that key, and by no other."""
    sealed = AddressKeys(KEY).seal(ADDRESS)
    assert b"1234" not in sealed
    assert AddressKeys(KEY).open(sealed) == ADDRESS
    with pytest.raises(KeyWrong, match="SAID_KEY"):
        AddressKeys(bytes(32)).open(sealed)


def test_a_changed_seal_is_noticed():
    """A sealed address that somebody has changed is refused, not read as something else."""
    sealed = AddressKeys(KEY).seal(ADDRESS)
    for place in (0, 13, len(sealed) - 1):
        broken = bytearray(sealed)
        broken[place] ^= 1
        with pytest.raises(KeyWrong):
            AddressKeys(KEY).open(bytes(broken))
    with pytest.raises(KeyWrong):
        AddressKeys(KEY).open(b"short")


def test_two_seals_of_one_address_differ_and_its_hash_does_not():
    """The same address looks different each time it is sealed, and is found under one hash."""
    one, two = AddressKeys(KEY), AddressKeys(KEY)
    assert one.seal(ADDRESS) != two.seal(ADDRESS)
    assert one.lookup(ADDRESS) == two.lookup(ADDRESS)
    assert len(one.lookup(ADDRESS)) == 32
    assert one.lookup(ADDRESS) != AddressKeys(bytes(32)).lookup(ADDRESS)
    assert one.lookup(ADDRESS) != one.lookup("slack:1234")
    assert one.lookup(ADDRESS) != one.token_hash(ADDRESS)


def test_given_nonces_make_the_same_seal_twice():
    """A simulation that gives the random bytes gets the same database twice."""
    assert AddressKeys(KEY, random_bytes=bytes).seal(ADDRESS) == AddressKeys(KEY, random_bytes=bytes).seal(
        ADDRESS
    )


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    """Beside a new database a key file is made (0600), and the same key is read the next time."""
    path = key_path(tmp_path / "deep" / "said.sqlite")
    key = load_or_make_key(path, {})
    assert path.name == "said.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(key) == 32
    assert load_or_make_key(path, {}) == key
    assert list(path.parent.iterdir()) == [path]


def test_the_environment_comes_first_and_leaves_no_file(tmp_path):
    """SAID_KEY is used where it is set, and nothing is written."""
    given = base64.b64encode(KEY).decode()
    assert load_or_make_key(tmp_path / "said.key", {"SAID_KEY": f" {given}\n"}) == KEY
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"not base64 at all!\n", "base64"),
        (base64.b64encode(b"too short"), "9 bytes"),
        (b"", "0 bytes"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_a_bad_key_file_gets_a_clear_error(tmp_path, content, says):
    """A file that is no key is named, with what it must hold; it is never replaced."""
    path = tmp_path / "said.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyUnreadable, match=says) as caught:
        load_or_make_key(path, {})
    assert "said.key" in str(caught.value)
    assert path.read_bytes() == content


def test_a_key_that_others_may_read_is_refused(tmp_path):
    """A key file with open rights is refused, with the command that mends it."""
    path = tmp_path / "said.key"
    path.write_bytes(base64.b64encode(KEY))
    path.chmod(0o644)
    with pytest.raises(KeyUnreadable, match="chmod 600"):
        load_or_make_key(path, {})


def test_a_bad_key_in_the_environment_gets_a_clear_error(tmp_path):
    """The variable is named; its value is not."""
    with pytest.raises(KeyUnreadable, match="SAID_KEY") as caught:
        load_or_make_key(tmp_path / "said.key", {"SAID_KEY": "c2VjcmV0"})
    assert "c2VjcmV0" not in str(caught.value)


def test_a_folder_that_cannot_take_the_key_gets_a_clear_error(tmp_path):
    """Where no key can be made, the place and the remedy are named."""
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(KeyUnreadable, match="SAID_KEY"):
        load_or_make_key(tmp_path / "file" / "said.key", {})
