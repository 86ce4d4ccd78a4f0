"""Make `database_49bc841.sql`: a database as the program of commit 49bc841 left it, with everything in it open.

It drives that commit's own runtime, scheduler and delivery over half a year, on a clock moved by hand. To run it
again, from a checkout of that commit whose requirements are installed:

    git worktree add ../before 49bc841 && cd ../before && make .venv/.dev
    .venv/bin/python PATH/TO/make_database_49bc841 PATH/TO/database_49bc841.sql

The same file comes out each time, byte for byte. People, places and numbers in it are made up. What these files
import is that commit's, and is not renamed with the program.
"""

import asyncio
import re
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))  # the checkout; the files beside this one are found in any case

import care
import people
from house import House

from storage import backup

_INSERT = re.compile(r'(INSERT INTO "\w+" VALUES)(\(.*\));', re.DOTALL)


def dump(path: Path) -> str:
    """The database as SQL text, as `sqlite3` writes it, but with one INSERT for the rows of a table, a line each."""
    lines: list[str] = []
    with closing(sqlite3.connect(path)) as connection:
        table = ""
        for statement in connection.iterdump():
            found = _INSERT.fullmatch(statement)
            if found is None:
                lines.append(_in_order(statement))
            elif found[1] == table:
                lines[-1] = lines[-1].removesuffix(";") + ","
                lines.append(f"{found[2]};")
            else:
                lines += [found[1], f"{found[2]};"]
            table = found[1] if found else ""
    return "\n".join(lines) + "\n"


def _in_order(statement: str) -> str:
    """A table with its constraints by name: where Alembic made it anew they come in the order of a set."""
    lines = statement.split("\n")
    places = [place for place, line in enumerate(lines) if line.startswith("\tCONSTRAINT ")]
    names = sorted(lines[place].rstrip(", ") for place in places)
    for place, line in zip(places, names, strict=True):
        lines[place] = line + (", " if lines[place].endswith(", ") else "")
    return "\n".join(lines)


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.sqlite"
        house = House(path)
        people.take_part(house)
        care.take_care(house)
        asyncio.run(house.live())
        house.database.close()
        assert backup.check(path) == []
        target.write_text(dump(path), encoding="utf-8")
        print(f"{target}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
