"""Detect the language of a free text, as a hint: it may lead to an offer to switch and never switches by itself.

langdetect with a fixed seed, and only the profiles of the enabled languages (why: docs/why/language-detection.md).
"""

import asyncio
import re
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flows import heavy_packages
from storage.conversations.detected_languages import SURE

if TYPE_CHECKING:  # it is imported by `warm`, in a thread: whoever starts the bot does not wait for it
    from langdetect import DetectorFactory

SEED = 0
LEAST_LETTERS = 40
"""Letters in the Latin script below which nothing is said: short texts are told apart badly."""
READ_AT_MOST = 2_000
"""Characters of a text that are looked at: more makes nobody surer."""
_FEWEST_WORDS = 4
"""Different words in the Latin script below which nothing is said: letters typed at random are no language."""
_BEYOND_LATIN = "\u0370"
"""The first letter of the scripts after Latin (Greek), whose texts may be short."""
_SCRIPT_SHARE = 0.6
"""Share of the letters that a script must have to settle the language alone."""
_FEWEST_PROFILES = 2
"""With one there is nothing to tell apart, and langdetect refuses."""

_PROFILES = {"zh": "zh-cn", "zh-TW": "zh-tw", "nb": "no"}
"""Names of profiles where they differ from ours."""

_SCRIPTS = {
    "ar": re.compile(r"[\u0621-\u064a]"),
    "he": re.compile(r"[\u05d0-\u05ea]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
}
"""Scripts that settle the language where exactly one enabled language is written in them."""
_SHARING = ({"ar", "fa", "ur"}, {"ru", "uk", "bg", "mk"}, {"hi", "mr", "ne"}, {"ja", "zh", "zh-TW"})

_MASKED = re.compile(
    r"```.*?```|`[^`]*`|^>.*$|https?://\S+|www\.\S+|\S+@\S+|(?<!\w)[@#/]\w+"
    r"|\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u00ab[^\u00bb]*\u00bb|\u201e[^\u201c]*\u201c|<[@#!h][^>]*>",
    re.DOTALL | re.MULTILINE,
)
"""What is not the participant's own language: code, quotes, addresses, names, commands."""
_NAMES = re.compile(r"(?:\b[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+[ ,]+){2,}[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+")
"""Three or more words in a row with a capital: people, places, brands."""
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Detected:
    """A language that was found in a text, by its base ('pt'), with its probability from 0 to 1."""

    language: str
    probability: float


class LanguageDetector:
    """Tells in which of the `enabled` languages a text is written, by base ('pt-BR' is 'pt').

    Before `warm` it tells only what the script alone settles (Greek letters). Texts in the Latin script with fewer than
    `least_letters` letters are not judged.
    """

    def __init__(self, enabled: Sequence[str], *, least_letters: int = LEAST_LETTERS) -> None:
        self.enabled = tuple(dict.fromkeys(language.partition("-")[0] for language in enabled))
        self._least_letters = least_letters
        self._least_words = _FEWEST_WORDS if least_letters >= LEAST_LETTERS else 1
        self._factory: DetectorFactory | None = None
        self._lock = threading.Lock()

    async def warm(self) -> None:
        """Load langdetect's profiles of the enabled languages, in a thread, since that takes up to a second.

        Once they are loaded it does nothing.
        """
        await asyncio.to_thread(self.warm_now)

    def warm_now(self) -> None:
        """Load langdetect's profiles of the enabled languages in the calling thread, for code without an event loop.

        Languages without a profile are left out; with fewer than two profiles none is loaded.
        """
        with self._lock:
            if self._factory is not None:
                return
            files = [path for path in map(_profile, self.enabled) if path.is_file()]
            if len(files) < _FEWEST_PROFILES:
                return
            factory = heavy_packages.load("langdetect").DetectorFactory()
            factory.load_json_profile([file.read_text(encoding="utf-8") for file in files])
            factory.set_seed(SEED)
            self._factory = factory
            self._guess("a first text that makes all tables ready")

    def knows(self, language: str) -> bool:
        """Return whether texts in this language can be recognised: it is enabled and langdetect has a profile of it.

        Where not, they would be taken for another language.
        """
        base = language.partition("-")[0]
        return base in self.enabled and _profile(base).is_file()

    def detect(self, text: str, names: Collection[str] = ()) -> Detected | None:
        """Return the likeliest language of a text with its probability; None where nothing can be said. Never raises.

        `names` are words in lower case, such as products', that count for no language. Takes about a millisecond: call
        it off the event loop (`asyncio.to_thread`), and after the answer is stored.
        """
        own = own_words(text[:READ_AT_MOST], names)
        letters = sum(character.isalpha() for character in own)
        if not letters:
            return None
        by_script = self._by_script(own, letters)
        if by_script is not None:
            return by_script
        if letters < self._least_letters or self._factory is None:
            return None
        if len(set(_WORD.findall(own.lower()))) < self._least_words:
            return None
        return self._guess(own)

    def _by_script(self, own: str, letters: int) -> Detected | None:
        for language, script in _SCRIPTS.items():
            share = len(script.findall(own)) / letters
            if share >= _SCRIPT_SHARE:
                sharing: set[str] = next((group for group in _SHARING if language in group), {language})
                written = [name for name in self.enabled if name in sharing]
                return Detected(written[0], round(min(share, 1.0), 4)) if len(written) == 1 else None
        return None

    def _guess(self, own: str) -> Detected | None:
        assert self._factory is not None
        detector = self._factory.create()
        detector.append(own)
        try:
            best = detector.get_probabilities()
        except heavy_packages.load("langdetect.lang_detect_exception").LangDetectException:
            return None
        if not best:
            return None
        ours = {profile: name for name, profile in _PROFILES.items()}
        return Detected(ours.get(best[0].lang, best[0].lang), round(min(best[0].prob, 1.0), 4))


def _profile(language: str) -> Path:
    """Return where langdetect's profile of a language would be."""
    folder = heavy_packages.load("langdetect.detector_factory").PROFILES_DIRECTORY
    return Path(folder) / _PROFILES.get(language, language)


def worth_hearing(text: str) -> bool:
    """Return whether a text may be long enough to have its language found.

    That is 40 characters, or any in a script beyond the Latin one. It is cheap, since it is asked of every answer.
    """
    return len(text) >= LEAST_LETTERS or max(text, default="") >= _BEYOND_LATIN


def own_words(text: str, names: Collection[str] = ()) -> str:
    """Return a text without what is in no language: links, addresses, names, commands, code and quotations.

    `names` are more words to leave out, such as products', in lower case.
    """
    own = _NAMES.sub(" ", _MASKED.sub(" ", text))
    if not names:
        return own
    return _WORD.sub(lambda word: " " if word[0].lower() in names else word[0], own)


def offer(
    previous: Sequence[Detected], current: Detected | None, *, conversation_language: str, offered: bool
) -> str | None:
    """Return the language in which to offer to go on with a conversation now; None for no offer.

    Two answers in a row must be in the same language, with a probability of at least `SURE`, and in another one than
    the conversation's.

    Args:
        previous: What was found in the conversation's earlier free texts, oldest first; those in which nothing was
            found are left out.
        current: What was found in this one.
        conversation_language: In which the conversation is held; regions do not count.
        offered: Whether this conversation has had its offer. It is made once.
    """
    if offered or current is None or not previous or current.probability < SURE:
        return None
    before = previous[-1]
    agree = before.language == current.language and before.probability >= SURE
    return current.language if agree and current.language != conversation_language.partition("-")[0] else None
