"""Scan a free text for what must be passed on, or answered with care before anything else.

Theory. The scan compares words with lists, and is no model (why: docs/why/safety-by-rules.md). A finding says which
words stood in the text and never what a person has. The steps:

1. the text is cut into words with all their forms (`tokens`), and products of the program are marked in it;
2. its language is told by its common words (`text_language`);
3. patterns of every enabled language are looked up (`patterns`), since people change language in the middle of a
   sentence; a hit of another language that is only a look-alike is dropped. Halves that stand near one another make
   further hits (`cooccurrence`);
4. each hit is judged in its sentence, with what the question is about (`judgement`): a harmless phrase that covers it,
   a 'no', a plan, a topic or a general statement take it back. Nouns alone under a question about care are weak
   (`bare_topics`);
5. what is left is strong or weak. Strong hits (`signals`) tell of a medicine and what befell the person, of a defect,
   a misuse or distress, and their kinds decide what happens at once. Weak ones (`hints`) are mostly a sign alone: they
   interrupt nobody, and put the text near the head of the reading queue;
6. a second opinion (`second_opinion`) says of strong hits of an event whether they may interrupt, or are hints.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from flows.safety.bare_topics import is_bare_topic, weakened
from flows.safety.cooccurrence import pairs
from flows.safety.finding import FindingKind, ReportElement, SafetyFinding, SafetySignal
from flows.safety.judgement import Judgement
from flows.safety.lexicon import lexicon
from flows.safety.marked_words import MarkedWords
from flows.safety.patterns import ANY, PatternHit
from flows.safety.products import Product, ProductMention, mentions
from flows.safety.second_opinion import shipped_opinion, weighed
from flows.safety.text_language import TextLanguage
from flows.safety.tokens import PRODUCT, Token, tokens
from flows.script.roles import QuestionTopic

__all__ = [
    "RULES_VERSION",
    "FindingKind",
    "Product",
    "ProductMention",
    "ReportElement",
    "SafetyFinding",
    "SafetySignal",
    "elements",
    "scan",
    "warm",
]

RULES_VERSION: Final = "7"
"""Raised when the rules find other things than before; it is kept with what they noticed."""
_NOTHING: Final = SafetyFinding()
_FEELINGS: Final = "upset"
_MOST_FEELINGS: Final = 40
"""Hits of distress that are looked at in a text: each is judged by all of its sentence, and one more tells no more."""


def scan(
    text: str,
    *,
    products: Sequence[Product],
    languages: Sequence[str],
    about: QuestionTopic | None = None,
    language: str | None = None,
) -> SafetyFinding:
    """Look for adverse events, product complaints and distress in a participant's own words. No text raises.

    Args:
        text: As stored; any length, any script.
        products: Of the program; without one the general words for medicines still count.
        languages: All that are enabled. Those without a lexicon are passed over.
        about: What the question is about that the text answers; None where it says nothing of that, or none is asked.
        language: The one in which the writer is written to; None where that is not known.
    """
    found = tokens(text)
    if not found:
        return _NOTHING
    marked, named = mark(text, found, products, languages=languages, language=language)
    finding = Judgement(marked, named, about).finding()
    if not finding.signals:
        return finding
    if about is QuestionTopic.CARE and is_bare_topic(found, marked.hits, marked.lexicon):
        return weakened(finding)
    return weighed(finding, marked, about, shipped_opinion())


def mark(
    text: str,
    found: list[Token],
    products: Sequence[Product],
    *,
    languages: Sequence[str],
    language: str | None,
) -> tuple[MarkedWords, tuple[ProductMention, ...]]:
    """Look all rules up in the words of a text (`found`, some at least); return them marked, and products named."""
    lexicons = lexicon(tuple(languages))
    named = list(mentions(found, tuple(products)))
    for first, last, _ in named:
        for token in found[first:last]:
            token.forms.append(PRODUCT)
    words = [token.forms[0] for token in found]
    written = TextLanguage.of(words, lexicons.common, language)
    if not lexicons.short.keys().isdisjoint(words):
        _write_out(found, lexicons.short)
    hits = [PatternHit("medicine", ANY, first, last) for first, last, _ in named]
    for hit in lexicons.index.find(found, written.spells):
        if hit.language == written.main:
            hits.append(hit)
        elif (counted := written.weighed(hit)) is not None:
            hits.append(counted)
    families: dict[str, list[PatternHit]] = {}
    for hit in (*hits, *pairs(hits, found)):
        families.setdefault(hit.family, []).append(hit)
    families.get(_FEELINGS, [])[_MOST_FEELINGS:] = []
    return MarkedWords(text, found, lexicons, families, written.main), tuple(
        mention for _, _, mention in named
    )


def _write_out(found: Iterable[Token], short: Mapping[str, tuple[str, ...]]) -> None:
    """Add to the forms of what people write in a hurry (`short`) the words that it stands for."""
    for token in found:
        token.forms += short.get(token.forms[0], ())


def warm(languages: Iterable[str]) -> None:
    """Load the lexicons and the second opinion's weights now, so that the first text need not wait for them."""
    lexicon(tuple(languages))
    shipped_opinion()


def elements(finding: SafetyFinding) -> frozenset[ReportElement]:
    """Return which of the four elements of a valid safety report the text of a finding holds.

    What is missing is asked for; nothing is dropped for want of it.
    """
    found = set(finding.says_who)
    if finding.reportable:
        found.add(ReportElement.REACTION)
    if finding.products:
        found.add(ReportElement.PRODUCT)
    return frozenset(found)
