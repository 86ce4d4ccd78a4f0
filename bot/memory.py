"""Have the system keep the memory of this process in large pages, where each turn finds it sooner.

A turn touches some thousand places of 200 MB of word lists, scripts and code. The processor remembers where some 2,000
pages of memory are. Of 4 KB each these are 8 MB, and for any other page it walks through tables, on a virtual machine
through two sets of them; of 2 MB each they are all the memory of the process. Linux gives large pages to memory that is
reserved in large pieces, and Python reserves 1 MB at a time. So Linux is asked to make them of what is there once all
is loaded (`MADV_COLLAPSE`, from Linux 6.1; also where `transparent_hugepage` is set to `never`). Where it cannot,
nothing happens.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from flows.heavy_packages import PackageMissing, load

PAGE: Final = 2 << 20
"""Bytes of a large page, where a usual one has 4 KB; elsewhere fewer places are asked for, or none."""
_COLLAPSE: Final = 25
"""Linux's number of the advice."""
_IN_USE: Final = 0.8
"""Share of a mapping that must be in memory: an unused rest would take some. The stacks of threads are empty mostly."""
_SMAPS: Final = Path("/proc/self/smaps")
_OURS = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ 0 *(?:\[heap\])?\n?")
"""A mapping that is private, writable and of no file."""
_RESIDENT = re.compile(r"Rss: +(\d+) kB")


def gather_memory() -> int:
    """Have what is in memory by now put into large pages; return how many bytes were, 0 where the system has none."""
    try:
        with _SMAPS.open(encoding="ascii", errors="replace") as lines:  # a path of a file may be any bytes
            found = list(well_used(lines))
        ctypes = load("ctypes")  # a Python may have been built without it
        madvise = ctypes.CDLL(None).madvise
    except (OSError, AttributeError, ImportError, PackageMissing):
        return 0
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return sum(end - start for start, end in found if madvise(start, end - start, _COLLAPSE) == 0)


def well_used(smaps: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield where the large pages of each mapping of our own begin and end that is nearly all in memory.

    `smaps` are the lines that Linux tells of the mappings of a process.
    """
    start = end = 0
    for line in smaps:
        if "-" in line.partition(" ")[0]:
            ours = _OURS.fullmatch(line)
            start, end = (int(ours[1], 16), int(ours[2], 16)) if ours else (0, 0)
        elif end and (resident := _RESIDENT.match(line)):
            first, last = -(-start // PAGE) * PAGE, end // PAGE * PAGE
            if first < last and int(resident[1]) * 1024 >= _IN_USE * (end - start):
                yield first, last
