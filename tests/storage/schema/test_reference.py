"""The page of the data: nothing that is kept is without a meaning, a unit and an example."""

import re

import pytest

from storage import schema
from storage.schema.reference import (
    EXAMPLES,
    VIEW_MEANINGS,
    column_meanings,
    data_page,
    example,
    meaning,
    row_classes,
    unit,
    view_columns,
)

PAGE = data_page("<!-- made -->")


def test_every_table_and_view_stands_on_the_page():
    """By its name, and nothing else does."""
    names = re.findall(r"^### `(\w+)`$", PAGE, flags=re.MULTILINE)
    assert set(names) == {*schema.METADATA.tables, *schema.VIEWS}
    assert set(VIEW_MEANINGS) == set(schema.VIEWS)


@pytest.mark.parametrize("row", row_classes().values(), ids=row_classes())
def test_every_column_says_what_it_means(row):
    """With its unit and an example; and every text below a column is one of the table's."""
    columns = schema.table_of(row).columns
    assert [one.name for one in columns if not (meaning(row, one) and unit(one) and example(one))] == []
    assert set(column_meanings(row)) <= set(columns.keys())


def test_no_example_is_left_over():
    """Each belongs to a column that there is."""
    names = {column.name for table in schema.METADATA.tables.values() for column in table.columns}
    assert set(EXAMPLES) <= names


def test_the_views_name_their_columns():
    """Those that a query returns, in order."""
    for name, columns in view_columns().items():
        assert f"### `{name}`" in PAGE
        assert ", ".join(f"`{one}`" for one in columns) in PAGE
