"""Read the codes and links that people write to come in: account-link codes, and invitations, however pasted.

An account-link code stands after the word 'link' in any language. An invitation's token stands in a Telegram link,
after `/start`, or alone; whether there is such an invitation is for the caller to look up.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

from flows.parsing.politeness import plainly
from flows.parsing.vocabulary import languages, vocabulary
from flows.text.emoji import without_emoji
from flows.text.folding import fold

CODE_LENGTH: Final = 8
"""Letters and digits of a code."""
TOKEN_LENGTH: Final = 32
"""Letters of an invitation's token: A-Z a-z 0-9 _ and -."""

_FORM: Final = re.compile(r"/?([^\s/]+)\s+([A-Za-z0-9][A-Za-z0-9 -]*)")
_IN_SENTENCE: Final = re.compile(
    r"(?:^|[\s:`\"'“„«(])/?([^\s/:`\"'“„«(]+)\s+([2-9B-DF-HJKMNP-TV-XZ]{4}[ -]?[2-9B-DF-HJKMNP-TV-XZ]{4})"
)
_ESCAPED: Final = re.compile("%(3A|2F|3F|3D|26)", re.IGNORECASE)
"""The signs of a link inside another link, as mail programs rewrite them."""
_LONGEST: Final = 40
_LONGEST_SENTENCE: Final = 400
_LONGEST_SEARCHED: Final = 8000
"""Characters: what is longer is a story, of which only so much is searched for an invitation."""

_TOKEN: Final = rf"(?:[Tt]eam-)?[A-Za-z0-9][A-Za-z0-9_-]{{{TOKEN_LENGTH - 1}}}"
_WHOLE_TOKEN: Final = re.compile(_TOKEN)
_TOKEN_IN_WORDS: Final = re.compile(rf"(?<![A-Za-z0-9_/=-]){_TOKEN}(?![A-Za-z0-9_-])")
_TEAM: Final = re.compile("^Team-")
_LINK: Final = re.compile(
    r"(?:https?://)?(?:(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)/|[\w-]{1,64}\.t\.me/?|tg:/{0,2}resolve)"
    r"[^\s<>\"`]{0,200}?[?&](?:amp;)?start=([A-Za-z0-9_-]+)[^\s<>\"`]*",
    re.IGNORECASE,
)
_COMMAND: Final = re.compile(r"(/start(?:@\w+)?|/?said\s+start)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_START: Final = re.compile("start", re.IGNORECASE)
_NO_LETTERS: Final = re.compile(r"\W+")
_STARTS: Final = re.compile(r"start[\s:]+(.*)", re.IGNORECASE | re.DOTALL)
_AROUND: Final = (
    " \t\r\n\"'`<>()[]{}*|~.,;:!?\u2026"
    "\u00b4\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u00ab\u00bb\u2039\u203a"
)
"""What people and their apps put round a code: quotes, brackets, punctuation, marks for bold or code."""
_DASHES: Final = str.maketrans(
    {**dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"), "\u2014": "--", "\xa0": " "}
)
"""Keyboards make one long dash of two short ones."""


@dataclass(frozen=True, slots=True)
class InvitationMention:
    """An invitation that somebody wrote: its token, '' for a start without one.

    `alone` says that nothing else was written but words of courtesy. `certain` says that it is meant for an invitation
    even if there is none with this token: it stands after a command, or looks like no word.
    """

    token: str
    alone: bool = True
    certain: bool = True
    commanded: bool = False
    """It stands after `/start` or `/said start`."""


def invitation_in(text: str) -> InvitationMention | None:
    """Return the invitation that a message mentions; None where it mentions none.

    The token may stand in a link (`https://t.me/BOT?start=TOKEN`), after `/start` or `/said start`, or alone or among
    words, in quotes, broken over lines, or with signs that are not seen. A token among words has its full length.
    """
    if _is_plainly_none(text):
        return None
    cleaned = _cleaned(text[:_LONGEST_SEARCHED])
    bare = cleaned.strip(_AROUND)
    if len(bare) > _LONGEST_SENTENCE:
        return _among_words(cleaned)
    command = _COMMAND.fullmatch(bare)
    if command is not None:
        return _commanded(command[2] or "", slash=command[1].startswith("/"))
    return _whole(bare) or _among_words(cleaned)


def _is_plainly_none(text: str) -> bool:
    """Return whether a text is too short, or has words too short, for a token, and no command: as most answers are."""
    if "start" in text.lower():
        return False
    if len(text) < TOKEN_LENGTH:
        return True
    return text.isascii() and "\n" not in text and max(map(len, text.split()), default=0) < TOKEN_LENGTH


def token_in(text: str) -> str:
    """Return the token in what was written to start: what `invitation_in` finds, else the text without its quotes."""
    found = invitation_in(text)
    return _cleaned(text).strip(_AROUND) if found is None else found.token


def _commanded(rest: str, *, slash: bool) -> InvitationMention | None:
    """Return the invitation in what stands after a command; None where that is a sentence without one.

    Without a `slash` before it, it is a command only where a token of full length follows.
    """
    inner = invitation_in(rest) if rest else None
    if inner is not None:
        return InvitationMention(inner.token, commanded=True)
    token = rest.strip(_AROUND)
    return None if not slash or re.search(r"\s", token) else InvitationMention(token, commanded=True)


def _whole(bare: str) -> InvitationMention | None:
    """Return the invitation that is the whole message, also one that is broken over lines; None if it is not."""
    if "\n" not in bare and max(map(len, bare.split()), default=0) < TOKEN_LENGTH and not _START.search(bare):
        return None  # no word is long enough for a token
    polite = (plainly(bare) or bare).strip(_AROUND)
    started = _STARTS.fullmatch(polite)
    said = started[1].strip(_AROUND) if started else polite
    for whole in (said, "".join(line.strip() for line in said.splitlines())):
        link = _LINK.fullmatch(whole)
        token = link[1] if link else whole
        if _WHOLE_TOKEN.fullmatch(token):
            unbroken = whole == said
            return InvitationMention(_token(token), certain=unbroken and bool(link or _is_no_word(token)))
    return None


def _among_words(cleaned: str) -> InvitationMention | None:
    """Return the first invitation among other words, in a link before one without; None where there is none."""
    link = _LINK.search(cleaned)
    if link is not None:
        return InvitationMention(_token(link[1]), alone=False, certain=False)
    found = _TOKEN_IN_WORDS.search(cleaned)
    return InvitationMention(_token(found[0]), alone=False, certain=False) if found else None


def _token(written: str) -> str:
    """Return a token as it was made: a keyboard may have given its first word a capital."""
    return _TEAM.sub("team-", written)


def _is_no_word(token: str) -> bool:
    """Return whether a token is like no word of any language: capitals, small letters and digits mixed."""
    return all(any(map(is_kind, token)) for is_kind in (str.isupper, str.islower, str.isdigit))


def _cleaned(text: str) -> str:
    """Return a text without emoji and unseen signs, with plain dashes, and with the escapes of a link undone."""
    text = without_emoji(text)
    if not text.isascii():
        shown = unicodedata.normalize("NFKC", text.translate(_DASHES))
        text = "".join(sign for sign in shown if unicodedata.category(sign) not in ("Cf", "Mn"))
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "%3" in text else text


def link_code(text: str) -> str | None:
    """Return the account-link code in 'link ABCD2345' or '/link abcd-2345', in capitals.

    It may stand in quotes, or at the end of the sentence that gave it. None if the text is not of this form.
    """
    if text.isascii() and not any(map(text.lower().replace("'", "").replace("`", "").__contains__, _words())):
        return None
    bare = _cleaned(text[:_LONGEST_SENTENCE]).strip(_AROUND)
    if _words().isdisjoint(_NO_LETTERS.split(fold(bare))):
        return None  # most messages: nothing more is looked at
    bare = (plainly(bare) or bare).strip(_AROUND)
    found = _FORM.fullmatch(bare) if len(bare) <= _LONGEST else None
    if found is None or fold(found[1]) not in _words():
        found = next((one for one in _IN_SENTENCE.finditer(bare) if one.end() == len(bare)), None)
    if found is None or fold(found[1]) not in _words():
        return None
    code = re.sub(r"[ -]", "", found[2]).upper()
    return code if len(code) == CODE_LENGTH else None


@cache
def _words() -> frozenset[str]:
    """Return the single words for 'link' in every language."""
    phrases = (phrase for name in languages() for phrase in vocabulary(name).globals["link"])
    return frozenset(phrase for phrase in phrases if " " not in phrase)
