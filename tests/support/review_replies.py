"""What is reviewed in the tests of content review, and what a reviewer types."""

REVIEW = {
    "You look at this": "yes",
    "Have you sent": "not yet",
    "Could you open": "yes",
    "How close": "4",
    "What is missing": "That a short walk each day helps",
    "Where would you": "On the slide about nerves",
    "Is there a part": "Page 4 is hard to read",
    "Who is left": "carers",
    "Does it show": "some",
    "How should we go": "small",
    "How should we name": "reviewer",
    "May I write once": "yes",
}
"""What a reviewer types, by the beginning of the question."""
ITEMS = [
    {"slug": "slides", "title": "Slides on side effects", "version": "2"},
    {"slug": "film", "title": "The film", "version": "1", "role": "committee member"},
]
