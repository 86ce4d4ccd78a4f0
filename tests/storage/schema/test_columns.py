"""Row classes and their tables: what a class says, its table has, and nothing more is made of it."""

import pytest
import sqlalchemy as sa
from sqlmodel import Field

from storage.schema import METADATA, table_of
from storage.schema.columns import NUMBERED_ONCE, TableRow, partial_index
from storage.schema.reference import row_classes


@pytest.mark.parametrize("row", row_classes().values(), ids=row_classes())
def test_a_table_has_the_fields_of_its_row_class_in_their_order(row):
    """Each is a column by its name. No class is mapped to its table: that would take as long again at each start."""
    assert table_of(row).columns.keys() == [column.name for column in table_of(row).columns]
    assert table_of(row).columns.keys() == list(row.model_fields)
    assert sa.inspect(row, raiseerr=False) is None


@pytest.mark.parametrize(
    ("arguments", "indexes", "numbered"),
    [
        ((), set(), False),
        (NUMBERED_ONCE, set(), True),
        ((partial_index("ix_one", "name", where="name = 'a'"),), {"ix_one"}, False),
        (
            (partial_index("ix_two", "name", where="name = 'a'"), NUMBERED_ONCE),
            {"ix_two"},
            True,
        ),
    ],
    ids=["nothing", "options", "an index", "both"],
)
def test_a_table_has_the_arguments_of_its_class(arguments, indexes, numbered):
    """Indexes and constraints, options of the table, or both; a default name is that of the class in small letters."""

    class OfATest(TableRow, table=True):
        """A row of a table that is taken away again."""

        __table_args__ = arguments
        id: int | None = Field(default=None, primary_key=True)
        name: str

    table = table_of(OfATest)
    METADATA.remove(table)
    assert table.name == "ofatest"
    assert {index.name for index in table.indexes} == indexes
    assert table.dialect_options["sqlite"]["autoincrement"] is numbered
    assert [(column.name, column.nullable) for column in table.columns] == [("id", False), ("name", False)]
