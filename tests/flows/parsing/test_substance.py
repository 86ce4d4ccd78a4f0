"""Words under a question for a story: what is one, and what stands in its place."""

import pytest

from flows.parsing.substance import Substance, has_substance, is_no_story, substance_of
from flows.parsing.vocabulary import languages, vocabulary

NO_STORIES = {
    Substance.NOTHING: {
        "en": (
            "No",
            "nothing",
            "no, nothing really",
            "none",
            "n/a",
            "Nothing comes to mind, sorry",
            "nope. thanks",
            "nothin",
            "naa",
        ),
        "de": (
            "Nein",
            "nichts",
            "da fällt mir nichts ein",
            "Nichts Besonderes",
            "leider nichts, danke",
            "nix",
            "mir fällt nix ein",
        ),
        "es": ("nada", "no", "no se me ocurre nada ahora", "nada en especial, gracias", "pues nada", "n/a"),
        "fr": ("rien", "non", "rien à signaler", "RAS", "rien de particulier pour l'instant", "R.A.S."),
        "it": ("niente", "no, grazie", "niente di particolare", "non mi viene in mente niente", "nnt"),
        "pt": ("nada", "não", "nada a acrescentar, obrigado", "nada de especial", "nd"),
        "ar": ("لا", "لا شيء", "لا شيء يذكر", "لا يوجد شيء الآن", "ولا شي", "مافي"),
    },
    Substance.UNKNOWN: {
        "en": (
            "don't know",
            "I really do not know yet",
            "no idea, sorry",
            "I can't remember",
            "Sorry, I don't understand the question",
            "not sure",
            "idk 🤷",
            "dont know what to say",
        ),
        "de": (
            "weiß nicht",
            "das weiß ich wirklich nicht",
            "keine Ahnung, leider",
            "Das verstehe ich leider nicht",
            "weis nich",
            "k.A.",
        ),
        "es": (
            "no sé",
            "la verdad es que no sé",
            "ni idea",
            "Perdón, no entiendo la pregunta",
            "nose",
        ),
        "fr": (
            "je ne sais pas",
            "je ne sais vraiment pas",
            "aucune idée",
            "Pardon, je ne comprends pas la question",
            "je m'en souviens pas",
        ),
        "it": (
            "non lo so",
            "boh",
            "non saprei, mi dispiace",
            "Non ho capito la domanda, scusi",
            "bo",
        ),
        "pt": (
            "não sei",
            "sei lá",
            "não faço ideia",
            "Desculpe, não percebi a pergunta",
            "n sei",
            "nenhuma ideia",
        ),
        "ar": ("لا أعرف", "لا أعرف بصراحة", "لا أدري", "عذرا، لم أفهم السؤال", "مابعرف", "مدري"),
    },
    Substance.THANKS: {
        "en": ("thanks", "Thank you!"),
        "de": ("danke schön",),
        "es": ("muchas gracias",),
        "fr": ("merci beaucoup",),
        "it": ("grazie mille",),
        "pt": ("obrigada",),
        "ar": ("شكرا",),
    },
    Substance.EMOJI: {"en": ("👍", "🙏🙏", ":tada:"), "ar": ("❤️",)},
    Substance.NUMBER: {
        "en": ("3", "number 2", "7.", "1, 3", "2 and 4", "number 2 or 4"),
        "de": ("Nr. 2", "3 und 5"),
        "fr": ("3 et 5",),
        "es": ("3 y 5",),
        "ar": ("٣", "\u0663 و \u0665"),
    },
    Substance.DOTS: {
        "en": (
            "...",
            "…",
            "-",
            "!!",
            "hmm",
            "Hmmmm...",
            "uh",
            "uhhhh",
            "erm, well",
            "mmm",
            "pff",
            "eh?",
            "um, sorry",
        ),
        "de": ("ähm", "Äääähm ...", "hm hm", "öhm", "tja", "pfff", "äh, also"),
        "es": ("eh...", "ehm", "mmm", "pues", "uf", "pfff"),
        "fr": ("euh", "Euuuuh...", "hum", "ben euh", "bah", "pff", "heu"),
        "it": ("ehm", "mah", "eh", "mmm", "beh, ehm", "uffa"),
        "pt": ("hum", "hmm", "eh...", "ahn", "pff", "ufa"),
        "ar": ("همم", "همممم", "امممم", "ممم...", "hmm"),
    },
    Substance.QUESTION: {
        "en": ("What do you mean?", "?", "Who reads this?", "what do you mean"),
        "de": ("Wie meinen Sie das?", "hä", "was meinen sie"),
        "es": ("qué significa", "a que se refiere"),
        "fr": ("c'est à dire", "ça veut dire quoi"),
        "it": ("che vuol dire", "in che senso?"),
        "pt": ("o que quer dizer", "que significa"),
        "ar": ("ماذا تقصد؟", "شو يعني"),
    },
}
STORIES = {
    "en": (
        "nothing was explained",
        "No doctor came",
        "no one listened",
        "nothing helps",
        "It was ok",
        "kind nurses",
        "I don't understand my doctor",
        "Ben",
        "nose",
        "my nose",
        "hmm, the nurses",
        "uh they never called",
    ),
    "de": ("nichts hat geholfen", "kein Arzt kam", "gut", "ähm, der Arzt", "na ja"),
    "es": ("No me explicaron nada", "no había nadie"),
    "fr": ("Rien n'a été expliqué", "le médecin"),
    "it": ("Niente è cambiato", "mi hanno ascoltato"),
    "pt": ("Nada mudou", "não me ouviram", "hum, a espera"),
    "ar": ("لم يشرح لي أحد", "لا أحد استمع إلي", "همم الطبيب", "أم"),
}


@pytest.mark.parametrize(
    ("substance", "language", "text"),
    [
        (substance, language, text)
        for substance, of_languages in NO_STORIES.items()
        for language, texts in of_languages.items()
        for text in texts
    ],
)
def test_what_is_no_story(substance: Substance, language: str, text: str) -> None:
    """Each kind is known in the words of each language, with small words round it."""
    assert (substance_of(text, language), is_no_story(text, language)) == (substance, True)


@pytest.mark.parametrize(
    ("language", "text"), [(language, one) for language, all_ in STORIES.items() for one in all_]
)
def test_what_is_a_story(language: str, text: str) -> None:
    """A 'nothing' or 'no' that belongs to a sentence is a story, however short."""
    assert (substance_of(text, language), is_no_story(text, language)) == (Substance.STORY, False)


@pytest.mark.parametrize(
    ("text", "tells"), [("Who reads this?", True), ("thanks", False), ("...", False), ("7", False)]
)
def test_a_question_tells_something(text: str, tells: bool) -> None:
    """What somebody may want to read is a story or a question, and nothing else of these."""
    assert has_substance(text, "en") is tells


def test_a_story_before_a_question_is_a_story() -> None:
    """Only a question by itself is one back to us."""
    assert substance_of("They never called me back. Why is that?", "en") is Substance.STORY


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "all of them"), ("de", "alle"), ("fr", "tout"), ("es", "todo"), ("it", "tutti"), ("pt", "todos")],
)
def test_all_of_a_list_tells_nothing(language: str, text: str) -> None:
    """It is meant for the choices, whether it can stand or not."""
    assert not has_substance(text, language)


FAREWELLS = {
    "en": ("bye", "Thank you, bye!"),
    "de": ("Tschüss", "Danke, auf Wiedersehen"),
    "es": ("adiós", "Gracias, hasta luego"),
    "fr": ("Au revoir", "merci, à bientôt"),
    "it": ("Arrivederci", "grazie, a presto"),
    "pt": ("adeus", "obrigada, até logo"),
    "ar": ("مع السلامة", "شكرا، مع السلامة"),
}


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in FAREWELLS.items() for text in texts]
)
def test_a_farewell_is_courtesy(language: str, text: str) -> None:
    """It is kept for nobody to read."""
    assert not has_substance(text, language)
    assert substance_of(text, language) is Substance.THANKS


@pytest.mark.parametrize("language", languages())
def test_a_sound_of_hesitation_tells_nothing(language: str) -> None:
    """It is no story and no remark, however long it is drawn out; a number that repeats a digit stays a number."""
    for sound in ("hm", "hmmmmm", "mmm", "pfff", *vocabulary(language).hesitating):
        assert substance_of(sound, language) in {Substance.DOTS, Substance.UNKNOWN, Substance.NOTHING}, sound
        assert not has_substance(f"{sound}...", language), sound
    assert substance_of("1000", language) is Substance.NUMBER
