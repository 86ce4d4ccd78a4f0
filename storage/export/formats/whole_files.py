"""Files that appear whole under their names, or not at all."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from storage.private_files import make_private_file


@contextmanager
def whole_files(targets: Iterable[Path]) -> Iterator[dict[Path, Path]]:
    """
    Yield the paths of drafts to write to, by their targets; rename all drafts to their targets at the end.

    Drafts, and the files that come of them, are for their owner alone to read and write: they hold people's words. An
    error on the way, or Ctrl-C, deletes the drafts and leaves what was there before.
    """
    drafts = {target: target.with_name(f".{target.name}.{uuid4().hex[:8]}.part") for target in targets}
    try:
        for draft in drafts.values():
            make_private_file(draft)
        yield drafts
        for target, draft in drafts.items():
            draft.replace(target)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
