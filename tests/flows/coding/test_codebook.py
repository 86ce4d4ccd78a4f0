"""Promises of flows/coding/codebook.py: codes are found, lead up to their parents, and speak several languages."""

from flows.coding.codebook import Codebook, CodebookCode


def codebook(*codes: CodebookCode) -> Codebook:
    return Codebook(codebook="mm", version="1", codes=codes)


def test_a_label_in_a_language():
    """The language of a region falls back on the language alone, and that on the codebook's own."""
    one = CodebookCode(code="body", label="Body", labels={"de": "Körper", "pt-BR": "Corpo"})
    asked = ("de", "de-AT", "pt-BR", "pt", "fr", None)
    assert [one.label_in(language) for language in asked] == [
        "Körper", "Körper", "Corpo", "Body", "Body", "Body"
    ]  # fmt: skip


def test_ancestors_lead_up():
    """The nearest comes first; a code without a parent, or one that is not there, has none."""
    made = codebook(
        CodebookCode(code="feet", label="F", parent="nerves"),
        CodebookCode(code="nerves", label="N", parent="body"),
        CodebookCode(code="body", label="B"),
    )
    assert made.ancestors("feet") == ("nerves", "body")
    assert made.ancestors("body") == made.ancestors("nowhere") == ()


def test_ancestors_end_in_a_circle():
    """A codebook whose codes are parts of each other can be looked at all the same."""
    made = codebook(
        CodebookCode(code="a1", label="A", parent="b1"), CodebookCode(code="b1", label="B", parent="a1")
    )
    assert made.ancestors("a1") == ("b1", "a1")


def test_a_codebook_comes_back_from_json():
    """What is kept of a version is the version."""
    made = codebook(CodebookCode(code="body", label="B", include=("tired*",)))
    assert Codebook.model_validate(made.model_dump(mode="json")) == made
