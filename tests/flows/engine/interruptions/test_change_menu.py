"""At a read-back: the name of what was read back changes it, and words that say nothing are not asked for for ever."""

import pytest

from flows.engine.effects import AnswerStatus, RecordAnswer, RecordCommitment
from flows.engine.state import GivenAnswer
from flows.i18n.localized_flow import LanguagePolicy, Localizations, name_of
from flows.i18n.say import Sentence, say
from flows.script.loader import library
from tests.support.dialogue_facts import facts_named
from tests.support.engine_world import Person, confirm, consent, do, end, flow_of, many, one, text

LOCALIZATIONS = Localizations((), LanguagePolicy(allow_drafts=True))
PLAN = "At the next visit I hand the sheet in plain words to all my patients"
REPLIES = {
    "c0": "yes",
    "c0_follow": "no",
    "c1": "1",
    "c2": "1",
    "c3": "4",
    "c4": PLAN,
    "c6": "today",
    "c7": "4",
    "c8": "4",
}
"""What is said to each question; all others are skipped."""
NAMED = {
    "en": {"c6": "The start|start|the start is wrong", "c5": "When I see, I will|when I see"},
    "de": {"c6": "Der Beginn|Beginn|der Beginn stimmt nicht"},
    "es": {"c6": "El comienzo|comienzo"},
    "fr": {"c6": "Le début|début|le début n'est pas juste"},
    "it": {"c6": "L'inizio|inizio"},
    "pt": {"c6": "O início|início"},
    "ar": {"c6": "البداية|بداية"},
}
"""What people write at 'Shall I save this?', and the question that it names."""
BY_KIND = {
    "en": "change the date|The date is wrong|when|I would like to change the start date, please|no, another day",
    "de": "Datum ändern|das Datum stimmt nicht|wann|Ich möchte das Datum gerne ändern|der Tag ist falsch",
    "es": "cambiar la fecha|la fecha está mal|el día no es correcto|quiero otra fecha, por favor",
    "fr": "changer la date|la date n'est pas juste|Je voudrais changer la date, s'il vous plaît|quand",
    "it": "cambiare la data|la data è sbagliata|non proprio, la data|vorrei un altro giorno",
    "pt": "mudar a data|a data está errada|o dia|queria outra data",
    "ar": "غيّر التاريخ|التاريخ خطأ|أريد تغيير التاريخ|الموعد",
}
"""What names the question for a day by what it asks for."""
TELLING = {
    "en": "every single day|only when they agree",
    "de": "jeden Tag|nur wenn der Termin passt",
    "es": "cada día",
    "fr": "chaque jour de visite",
    "it": "ogni giorno di visita",
    "pt": "todos os dias",
    "ar": "كل يوم من الأسبوع",
}
"""Words that have a name of the day in them and tell something."""
NOTHING_NAMED = {
    "en": "well|it is not as I meant it|what you will|2024",
    "de": "na ja|so habe ich das nicht gemeint",
    "es": "a ver|no es lo que quise decir",
    "fr": "bof|ce n'est pas ce que je voulais dire",
    "it": "boh|non era questo che intendevo",
    "pt": "bem|não era isto que eu queria dizer",
    "ar": "لا أدري|ليس هذا ما قصدته",
}


def at_the_read_back(language: str) -> Person:
    """A clinician who is asked whether their commitment is to be saved."""
    person = Person(library()["hcp_commitment"], facts_named("hcp"), localizations=LOCALIZATIONS)
    if language != "en":
        person.types(f"language {name_of(language)}")
    while person.open != "c10[0]":
        person.types(REPLIES.get(str(person.open).partition("[")[0], "skip"))
    assert person.state.language == language
    return person


def saved_at_the_end(person: Person) -> RecordCommitment:
    """The commitment as it is saved, once all that is asked after the read-back is left out."""
    while person.open != "c11[0]":
        person.types("skip")
    [saved] = [one for one in person.kept if isinstance(one, RecordCommitment)]
    return saved


@pytest.mark.parametrize("language", NAMED)
def test_what_is_named_is_asked_again(language):
    """A short name, or a word that stands in no other short name there, puts that question and comes back."""
    for key, said in NAMED[language].items():
        for words in said.split("|"):
            person = at_the_read_back(language).types(words)
            assert person.open == f"{key}[0]", words
            assert person.types("tomorrow" if key == "c6" else "When I see one, I will ask").open == "c10[0]"


@pytest.mark.parametrize("language", BY_KIND)
def test_what_is_asked_for_names_a_question(language):
    """'The date' is the question for a day, whatever its short name is; nothing else is told by it."""
    for words in BY_KIND[language].split("|"):
        person = at_the_read_back(language).types(words)
        assert (person.open, person.remarks) == ("c6[0]", []), words
        assert person.types("tomorrow").open == "c10[0]"


@pytest.mark.parametrize("language", TELLING)
def test_a_name_in_what_is_told_names_nothing(language):
    """What says more than that something is wrong is kept, and asked about."""
    for words in TELLING[language].split("|"):
        person = at_the_read_back(language).types(words)
        assert (person.open, person.state.aside, person.remarks) == ("c10[0]", None, [words])


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("the number is wrong", "c"),
        ("how many", "n"),
        ("the rating", "s"),
        ("change the list", "m"),
        ("day", "d"),
    ],
)
def test_each_kind_has_its_names(words, asked):
    """A number, a point on a scale, a list, a day; 'the number' may be either of the first two: it is asked which."""
    scale = {"key": "s", "kind": "scale", "text": "How well?", "low_label": "bad", "high_label": "good"}
    day, number = (
        {"key": key, "kind": kind, "text": "And?"} for key, kind in (("d", "date"), ("n", "number"))
    )
    script = flow_of(day, number, scale, many("m", "a", "b"), confirm("c", "d", "n", "s", "m"), end("bye"))
    person = Person(script).types("today", "7", "3", "a, b")
    assert person.types(words).open == asked


def test_what_names_two_is_asked_which():
    """'The wording' may be either of two texts: the menu asks; there the name of a kind chooses, too."""
    person = at_the_read_back("en").types("change the wording")
    assert person.texts == [say(Sentence.CHANGE_WHICH, "en")]
    assert person.types("the date").open == "c6[0]"


def test_a_word_of_the_question_alone_names_it():
    """One that stands in no other question of the script."""
    script = flow_of(
        text("a", text="Which ward was it?"),
        text("b", text="Which drug?"),
        confirm("c", "a", "b"),
        end("bye"),
    )
    person = Person(script).types("the third one", "some pills")
    assert person.types("the ward is wrong").open == "a"
    assert Person(script).types("the third one", "some pills", "the ward nurse said no").open == "c"


@pytest.mark.parametrize("words", ["the date is right", "the start is correct"])
def test_what_is_right_is_not_changed(words):
    """A name beside 'right' names nothing to change."""
    assert at_the_read_back("en").types(words).open == "c10[0]"


AFFIRMED = {
    "en": "that's what I said|my words exactly|those are my words|good text|a good date|what now?|very sure",
    "de": "das ist genau, was ich gesagt habe|das sind meine Worte|guter Text|das Datum ist gut|was jetzt",
    "es": "eso es lo que dije|son mis palabras|la fecha está bien",
    "fr": "c'est ce que j'ai dit|exactement mes mots|la date est bonne",
    "it": "sono le mie parole|la data va bene",
    "pt": "foi o que eu disse|são as minhas palavras|a data está boa",
    "ar": "هذا ما قلته|هذا بالضبط ما كتبته|هذه كلماتي|التاريخ جيد",
}
"""What says that it is right, with a name of a question in it."""
SAID_WRONG = {
    "en": "change what I wrote|that's not what I said|my words are wrong",
    "de": "ändern, was ich geschrieben habe|meine Worte sind falsch",
    "es": "cambiar lo que escribí|eso no es lo que dije",
    "fr": "modifier ce que j'ai écrit|ce ne sont pas mes mots",
    "it": "cambiare quello che ho scritto|non sono le mie parole",
    "pt": "mudar o que escrevi|não foi o que eu disse",
    "ar": "تغيير ما كتبته|ليس هذا ما قلته",
}
"""What says that the words are to be changed: there are two texts, so that it is asked which."""


@pytest.mark.parametrize("language", AFFIRMED)
def test_what_affirms_changes_nothing(language):
    """'That is what I said' is not taken for a wish to change it."""
    for words in AFFIRMED[language].split("|"):
        person = at_the_read_back(language).types(words)
        assert (person.open, person.state.aside) == ("c10[0]", None), words


@pytest.mark.parametrize("language", SAID_WRONG)
def test_what_was_said_is_named_beside_a_wish(language):
    """'What I said' names a text where a change is wished for, or denied."""
    for words in SAID_WRONG[language].split("|"):
        assert at_the_read_back(language).types(words).last.text == say(Sentence.CHANGE_WHICH, language), (
            words
        )


NOT_QUITE = {
    "en": "not quite|almost|Nearly!|partly|not exactly, thanks|modify|change",
    "de": "nicht ganz|fast|teilweise|beinahe|bearbeiten|Korrigieren",
    "es": "no del todo|casi|en parte|modificar|corregir",
    "fr": "pas tout à fait|presque|en partie|changer|à corriger",
    "it": "non proprio|quasi|in parte|correggere|modificare",
    "pt": "não exatamente|quase|em parte|corrigir|alterar",
    "ar": "ليس تماما|ليس بالضبط|جزئيا|تصحيح|تعديل",
}
EITHER = {
    "en": "more or less|kind of",
    "de": "mehr oder weniger|teils, teils",
    "es": "más o menos",
    "fr": "plus ou moins",
    "it": "più o meno",
    "pt": "mais ou menos",
    "ar": "إلى حد ما",
}


@pytest.mark.parametrize("language", NOT_QUITE)
def test_not_quite_is_a_change(language):
    """At a read-back it does what its 'change' does, as do other words for changing than the button's."""
    for words in NOT_QUITE[language].split("|"):
        person = at_the_read_back(language).types(words)
        assert person.texts == [say(Sentence.CHANGE_WHICH, language)], words


@pytest.mark.parametrize("language", EITHER)
def test_what_may_be_either_is_asked_again(language):
    """'More or less' may be a yes: nothing is guessed."""
    for words in EITHER[language].split("|"):
        person = at_the_read_back(language).types(words)
        assert (person.open, person.state.aside, person.state.misses) == ("c10[0]", None, 1), words


def test_what_follows_not_quite():
    """It is a remark, or names what to change."""
    told = at_the_read_back("en").types("almost, but my older patients need larger letters")
    assert told.remarks == ["almost, but my older patients need larger letters"]
    assert told.last.text == say(Sentence.CHANGE_WHICH, "en")
    named = at_the_read_back("en").types("not quite, the date")
    assert (named.open, named.remarks) == ("c6[0]", [])


@pytest.mark.parametrize("words", ["not quite", "almost", "partly"])
def test_no_consent_is_decided_by_not_quite(words):
    """It is no yes to a consent, and no no: it is asked again."""
    person = Person(flow_of(consent("part"), text("z"), end("bye"))).types(words)
    assert (person.open, person.state.misses) == ("part", 1)


@pytest.mark.parametrize("language", NOTHING_NAMED)
def test_two_misses_go_on_unconfirmed(language):
    """What says nothing is asked about once; then it is saved, not confirmed, and that is said."""
    first, second = (NOTHING_NAMED[language].split("|") * 2)[:2]
    person = at_the_read_back(language).types(first)
    assert person.open == "c10[0]"
    person.types(second)
    [kept] = [one for one in person.kept if isinstance(one, RecordAnswer)]
    assert (kept.slot, kept.value, kept.status) == ("c10[0]", None, AnswerStatus.UNPARSED)
    assert any(say(Sentence.CONFIRM_PASSED, language) in told for told in person.texts)
    assert person.open == "c11[0]"
    assert not saved_at_the_end(person).confirmed


def test_a_yes_confirms():
    """Saved by its button it is confirmed; also afterwards, under the read-back that was passed."""
    saved = saved_at_the_end(at_the_read_back("en").types("yes"))
    assert saved.confirmed
    passed = at_the_read_back("en").types("well", "hm")
    assert not saved_at_the_end(passed).confirmed
    passed.taps("Save it")
    [again] = [one for one in passed.kept if isinstance(one, RecordCommitment)]
    assert (again.slot, again.confirmed) == (saved.slot, True)


def test_a_no_with_a_name_needs_no_menu():
    """'No, the start is wrong' leads there at once; a no alone asks which."""
    assert at_the_read_back("en").types("no, the start").open == "c6[0]"
    assert at_the_read_back("en").types("no").texts == [say(Sentence.CHANGE_WHICH, "en")]


def test_words_that_could_name_two_name_none():
    """Nothing is guessed: it is asked again."""
    person = at_the_read_back("en").types("when I see, the start")
    assert person.open == "c10[0]"


def test_what_is_said_instead_is_a_remark():
    """Words at a read-back tell what is not right: they are kept, however few."""
    person = at_the_read_back("en").types("only for those above seventy years")
    assert person.remarks == ["only for those above seventy years"]
    assert person.types("that is, after their first cycle").remarks == ["that is, after their first cycle"]


def test_a_change_resets_the_misses():
    """Whoever changed something is shown the read-back anew, and is not passed over at the next miss."""
    person = at_the_read_back("en").types("well", "start", "tomorrow", "hm")
    assert person.open == "c10[0]"


def test_a_read_back_of_one_answer_is_passed_too():
    """Any read-back of data: the conversation goes on, and its answer says that nobody confirmed it."""
    script = flow_of(one("q", "red", "blue"), confirm("c", "q"), text("z"), end("bye"))
    person = Person(script).types("red", "hm", "well")
    assert person.open == "z"
    assert person.state.answers["c"] == GivenAnswer(None, AnswerStatus.UNPARSED)


def test_one_that_ends_otherwise_waits():
    """Nobody declines by words that were not understood."""
    script = flow_of(one("q", "red", "blue"), confirm("c", "q"), end("bye", outcome="declined"))
    person = Person(script).types("red", "hm", "well", "what")
    assert person.open == "c"


def test_an_unconfirmed_commitment_beside_a_confirmed_one():
    """Each round has its own read-back."""
    fields = {"fields": {"statement": "q"}}
    script = flow_of(text("q"), confirm("c", "q"), do("save", **fields), text("p"), end("bye"))
    person = Person(script).types("words of mine", "hm", "well")
    assert [one.confirmed for one in person.kept if isinstance(one, RecordCommitment)] == [False]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("fully", "full"),
        ("not yet", "planned"),
        ("no, not yet", "planned"),
        ("no, something different", "modified"),
        ("3", "partial"),  # a number is one of the two buttons, or none
        ("a bit of it", "partial"),
    ],
)
def test_the_right_choice_under_a_read_back_corrects_what_was_noted(said: str, status: str) -> None:
    """'I have noted: "Partly". Is that right?' 'Fully.' is a correction, as a tap on the question above would be."""
    person = Person(library()["hcp_follow_up"], facts_named("hcp_wave_1"), localizations=LOCALIZATIONS)
    person.types("I started")
    assert person.open == "d10[11]"
    person.types(said)
    assert person.state.answers["d1[11]"].value == status
    assert (say(Sentence.CORRECTED, "en") in person.texts) is (status != "partial")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "noch nicht"),
        ("es", "todavía no"),
        ("fr", "pas encore"),
        ("it", "non ancora"),
        ("ar", "ليس بعد"),
    ],
)
def test_the_right_choice_corrects_in_each_language(language: str, said: str) -> None:
    """So does 'not yet' in other languages."""
    person = Person(library()["hcp_follow_up"], facts_named("hcp_wave_1"), localizations=LOCALIZATIONS)
    person.types(f"language {name_of(language)}")
    while person.open != "d10[11]":
        person.types(
            {"de": "angefangen", "es": "empecé", "fr": "commencé", "it": "iniziato", "ar": "بدأت"}[language]
        )
    person.types(said)
    assert person.answers["d1[11]"] == "planned"


@pytest.mark.parametrize("words", ["yes red", "no, red", "no 1", "it is red", "yes red!"])
def test_the_choice_that_is_read_back_is_answered(words):
    """Whoever names it under its read-back hears something, whatever they mean: never nothing."""
    script = flow_of(one("q", "red", "blue"), confirm("c", "q"), end("bye"))
    person = Person(script).types("Red")
    assert person.types(words).texts != []
    assert "q" not in person.answers
