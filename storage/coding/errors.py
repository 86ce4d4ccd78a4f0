"""The error of coding: what was asked cannot be done. The message says why; nothing has changed."""

from storage.errors import StorageError


class CodingError(StorageError):
    """A codebook cannot be loaded, an excerpt not be coded or settled, a link not be made. Nothing has changed."""
