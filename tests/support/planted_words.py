"""Where planted words stand: in columns of a database, in files."""

import contextlib
import sqlite3
from pathlib import Path

import openpyxl


def columns_with(path: Path, planted: str) -> set[str]:
    """The columns of all tables in which the planted words stand."""
    found = set()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        tables = [
            row[0].decode()
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        for table in tables:
            cursor = connection.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in cursor.description]
            for row in cursor:
                for name, value in zip(names, row, strict=True):
                    plain = value if isinstance(value, bytes) else str(value).encode()
                    if planted.encode() in plain:
                        found.add(f"{table}.{name}")
    return found


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def words_of(path: Path) -> str:
    if path.suffix != ".xlsx":
        return path.read_text("utf-8")
    book = openpyxl.load_workbook(path)
    return " ".join(str(one) for sheet in book for row in sheet.values for one in row)
