"""Seal addresses with a key that is never in the database, and find them again by a keyed hash.

One key of 32 bytes, the identity key; each use of it (sealing, finding, tokens) has a key of its own, derived by
HKDF, so that one use tells nothing about another. Whoever has the database but not the key learns only how many
addresses it has.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import copy
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from flows.formats.plain_files import read_plain_file
from storage.errors import KeyUnreadable, KeyWrong
from storage.private_files import make_private_folder

MOST_OF_A_KEY_FILE = 1_000
"""Bytes of a file that may be a key's."""
KEY_BYTES = 32
NONCE_BYTES = 12
ENVIRONMENT_NAME = "SAID_KEY"
KEPT_TOKENS = "tokens"
"""The name under which a database keeps the key of the tokens once the identity key has been changed."""
WITH_WORKSPACES = frozenset({"slack"})
"""Channels whose addresses begin with a workspace."""
_OTHERS_MAY_READ = 0o077


class AddressKeys:
    """Seals addresses, opens them, and makes the keyed hashes that find them.

    `random_bytes` gives the nonces; only a simulation, which must come out the same twice, gives another.
    """

    def __init__(self, key: bytes, *, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        """Derive the three keys from the identity key.

        Raises:
            KeyUnreadable: `key` has not 32 bytes.
        """
        if len(key) != KEY_BYTES:
            raise KeyUnreadable(f"the identity key has {len(key)} bytes and must have {KEY_BYTES}")
        self._lookup_key = _derive(key, b"said: find an address")
        self._token_key = _derive(key, b"said: find an invitation")
        self._cipher = AESGCM(_derive(key, b"said: seal an address"))
        self._random_bytes = random_bytes

    def lookup(self, address: str) -> bytes:
        """Return the keyed hash (HMAC-SHA-256, 32 bytes) under which an address is found."""
        return hmac.digest(self._lookup_key, address.encode(), hashlib.sha256)

    def workspace(self, address: str) -> str | None:
        """Return the keyed hash, 16 letters, of the workspace in an address `slack:TEAM/USER`; None where it has none.

        It tells workspaces apart and names none.
        """
        channel, _, rest = address.partition(":")
        team, slash, _ = rest.rpartition("/")
        return self.lookup(f"{channel}:{team}/")[:8].hex() if slash and channel in WITH_WORKSPACES else None

    def token_hash(self, token: str) -> bytes:
        """Return the keyed hash (HMAC-SHA-256, 32 bytes) under which the token of an invitation is found."""
        return hmac.digest(self._token_key, token.encode(), hashlib.sha256)

    def seal(self, address: str) -> bytes:
        """Encrypt an address (AES-256-GCM): 12 bytes of nonce, the ciphertext, 16 bytes of tag."""
        nonce = self._random_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, address.encode(), None)

    def open(self, sealed: bytes) -> str:
        """Decrypt an address that `seal` encrypted.

        Raises:
            KeyWrong: it was sealed with another key, or was changed since.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()
        except (InvalidTag, ValueError) as error:
            raise KeyWrong(
                "an address in the database was sealed with another identity key;"
                f" put the right key into {ENVIRONMENT_NAME} or beside the database"
            ) from error

    def same_key(self, other: "AddressKeys") -> bool:
        """Return whether both were made from one identity key."""
        return hmac.compare_digest(self.lookup(""), other.lookup(""))

    def hand_over_tokens(self, to: "AddressKeys") -> bytes:
        """Return the key that hashes the tokens of links, sealed with the identity key `to`.

        A token is known by its keyed hash alone, so that hashes cannot be made anew when the identity key is
        changed: the key that made them is kept instead, and the links that participants were sent stay good.
        """
        return to.seal(base64.b64encode(self._token_key).decode())

    def taking_tokens(self, sealed: bytes) -> "AddressKeys":
        """Return a copy of these keys that hashes tokens with a key which `hand_over_tokens` sealed.

        Raises:
            KeyWrong: it was sealed for another identity key.
        """
        taken = copy(self)
        taken._token_key = base64.b64decode(self.open(sealed))  # noqa: SLF001 - a copy of its own
        return taken


def key_path(database: Path) -> Path:
    """Return where the key of an embedded database lies: beside it, `said.sqlite` -> `said.key`."""
    return database.with_suffix(".key")


def load_or_make_key(path: Path, environment: Mapping[str, str] = os.environ) -> bytes:
    """Load the identity key from SAID_KEY (base64), else from the file; make the file (mode 0600) if there is none.

    Raises:
        KeyUnreadable: the variable or the file does not hold a key, or others may read the file.
    """
    if given := environment.get(ENVIRONMENT_NAME):
        return _decode(given, ENVIRONMENT_NAME)
    if not path.exists():
        _make(path)
    return _read(path)


def load_key(path: Path, environment: Mapping[str, str] = os.environ) -> bytes:
    """Load the identity key from SAID_KEY (base64), else from the file, and make none.

    Raises:
        KeyUnreadable: there is none, or it is not a key.
    """
    if given := environment.get(ENVIRONMENT_NAME):
        return _decode(given, ENVIRONMENT_NAME)
    return _read(path)


def _derive(key: bytes, purpose: bytes) -> bytes:
    """Derive the key of one purpose from the identity key."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)


def _decode(text: str, where: str) -> bytes:
    """Decode a key from base64. `where` names its source in the error."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyUnreadable(f"{where} is not base64; it must hold {KEY_BYTES} bytes in base64") from error
    if len(key) != KEY_BYTES:
        raise KeyUnreadable(f"{where} holds {len(key)} bytes; it must hold {KEY_BYTES} bytes in base64")
    return key


def _read(path: Path) -> bytes:
    """Read the key from a file that nobody else may read."""
    if not path.exists():
        raise KeyUnreadable(
            f"there is no identity key at {path}; put the key of this database there, or into {ENVIRONMENT_NAME}:"
            " with a new one it would know nobody"
        )
    try:
        if os.name == "posix" and path.stat().st_mode & _OTHERS_MAY_READ:
            raise KeyUnreadable(f"{path} may be read by others than its owner; do: chmod 600 {path}")
        return _decode(read_plain_file(path, MOST_OF_A_KEY_FILE).decode("ascii"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnreadable(
            f"{path} cannot be read ({error}); make it readable, or set {ENVIRONMENT_NAME}"
        ) from error


def _make(path: Path) -> None:
    """Write a new key to a file, whole or not at all, and never over one that another process has just made."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        make_private_folder(path.parent)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            os.link(draft, path)
        _sync(path.parent)
    except OSError as error:
        raise KeyUnreadable(
            f"no identity key can be made at {path} ({error});"
            f" make the folder writable, or set {ENVIRONMENT_NAME}"
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink()


def _sync(folder: Path) -> None:
    """Have the names of the files in a folder on the disk: a power cut must not take a key that is in use."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
