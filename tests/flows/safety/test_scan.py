"""The safety scan: what must not be missed, what must not alarm, and what a finding says."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.safety import MET, PRODUCTS, UNMET, phrases, scores
from flows.parsing.vocabulary import vocabulary
from flows.safety.lexicon import LEXICONS, SHIPPED, lexicon
from flows.safety.patterns import NUMBER, read_pattern
from flows.safety.scan import FindingKind, Product, ReportElement, SafetyFinding, elements, scan
from flows.safety.tokens import tokens
from flows.script.roles import QuestionTopic

RECALL = 0.95
FALSE_ALARMS = 0.10
"""By language. Measured: 0 to 4 of 100; see docs/benchmarks.md."""
UNMET_RECALL = 0.52
"""By language, of wording that the lists have not met: a floor against going back, and no aim.
English finds 9 of 17."""


def found(text, languages=SHIPPED, products=PRODUCTS, about=None, language=None):
    return scan(text, products=products, languages=languages, about=about, language=language)


def words(finding, text, kind):
    return {text[signal.start : signal.end] for signal in finding.signals if signal.kind is kind}


@pytest.fixture(scope="module")
def measured():
    return scores()


@pytest.mark.parametrize("language", [*SHIPPED, "all"])
def test_little_is_missed_in_each_language(measured, language):
    """Of the labelled phrases at least 95 in 100 are found as what they are; the misses are named."""
    score = measured[language, "all"]
    assert score.recall >= RECALL, score.misses


@pytest.mark.parametrize("language", [*SHIPPED, "all"])
def test_harmless_replies_seldom_alarm(measured, language):
    """Of the near-misses few are flagged; those are named."""
    score = measured[language, "all"]
    assert score.false_alarm_rate <= FALSE_ALARMS, score.false_alarms


@pytest.mark.parametrize("language", SHIPPED)
def test_new_wording_is_found_no_worse_than_was_measured(measured, language):
    """Of replies that the lists were not widened for a share is found that does not fall."""
    assert measured[language, UNMET].recall >= UNMET_RECALL


def test_the_labelled_set_is_large_enough(measured):
    """At least 300 phrases to find and 300 near-misses, all seven languages in every part."""
    assert measured["all", "all"].positives >= 300
    assert measured["all", "all"].harmless >= 300
    assert all(measured[language, part].positives for language in SHIPPED for part in (*MET, UNMET))


@pytest.mark.parametrize(
    ("text", "product", "exact"),
    [
        ("a rash from Revlimid", "lenalidomide", True),
        ("a rash from revilmid", "lenalidomide", False),
        ("a rash from lenolidamide", "lenalidomide", False),
        ("a rash from vel cade", "bortezomib", True),
        ("طفح من الريفليميد", "lenalidomide", True),
        ("nausées sous lénalidomide", "lenalidomide", True),
    ],
)
def test_products_are_known_by_all_their_names(text, product, exact):
    """Brand and generic, misspelt or written apart, in other scripts and with accents, with their place."""
    finding = found(text)
    assert [(mention.product, mention.exact) for mention in finding.products] == [(product, exact)]
    assert finding.kinds == {FindingKind.ADVERSE_EVENT}


@pytest.mark.parametrize("text", ["the arcade opened", "a decade ago", "we revised it", "relevant limits"])
def test_ordinary_words_are_no_products(text):
    """A word of another meaning is not taken for a misspelt name."""
    assert found(text).products == ()


def test_a_symptom_needs_a_medicine_or_a_cause():
    """Illness alone is what the interview is about; beside a medicine it is to be passed on."""
    assert not found("my back pain is worse in winter").reportable
    assert found("my back pain is worse since the infusion").reportable


def test_people_change_language_in_a_conversation():
    """All enabled languages are read, whatever the conversation's; one that is not enabled is not."""
    text = "ok but ich will nicht mehr leben"
    assert found(text, ("en", "de")).tier == 2
    assert found(text, ("en", "de-AT")).tier == 2
    assert found(text, ("en",)).tier == 0
    assert found(text, ("xx",)).tier == 0


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("i want to die", 2),
        ("I\u2019d be better off dead", 2),
        ("SICK OF LIVING like this", 2),
        ("i am not suicidal, just tired", 1),
        ("أُرِيدُ أَنْ أَمُـــوت", 2),
        ("je n'ai plus envie de vivre", 2),
        ("sick of waiting", 0),
        ("i keep thinking about suiciding", 2),
        ("i cried all night", 1),
        ("a walk of 5 kms", 0),
        ("kms honestly", 2),
    ],
)
def test_tiers_of_distress(text, tier):
    """Direct, negated, accented, stretched and idiomatic words."""
    assert found(text).tier == tier


@pytest.mark.parametrize(
    "text",
    [
        "no side effects",
        "no nausea, no vomiting or rash since the infusion",
        "sin náuseas ni vómitos con las pastillas",
        "aucune nausée avec le traitement",
        "keine übelkeit und kein ausschlag unter der therapie",
        "senza nausea con la terapia",
        "sem náuseas com o remédio",
        "بدون غثيان مع العلاج",
    ],
)
def test_what_is_denied_is_not_flagged(text):
    """A 'no' right before a sign takes it back."""
    assert found(text).signals == ()


@pytest.mark.parametrize("language", SHIPPED)
def test_whoever_agrees_or_not_has_reported_nothing(language):
    """No yes, weak yes or no opens a case or reads as danger: 'ich stimme zu' is not a voice that closes up."""
    words = vocabulary(language)
    alarms = {
        reply: finding.kinds
        for reply in sorted(words.yes | words.half_yes | words.unwilling | words.no)
        if (finding := found(reply)).reportable or finding.tier == 2
    }
    assert alarms == {}


@pytest.mark.parametrize(
    "text",
    [
        "Meine Stimme schwillt zu, ich stimme der Umfrage zu",
        "Ich stimme zu, aber mir ist seit Revlimid übel",
        "Com todo o gosto. Perdi todo o gosto desde a quimio",
    ],
)
def test_agreeing_hides_no_side_effect(text):
    """What stands beside a yes is read as ever."""
    assert FindingKind.ADVERSE_EVENT in found(text).noticed


@pytest.mark.parametrize(
    "text", ["never had such nausea before the tablets", "nobody said the tablets cause a rash"]
)
def test_a_no_elsewhere_takes_nothing_back(text):
    """Only a 'no' that surely belongs to the sign counts."""
    assert found(text).reportable


@pytest.mark.parametrize(
    "text",
    [
        "threw up again",
        "nosebleeds every morning",
        "my ankles look like tree trunks",
        "cant do up my buttons",
        "se me cae el pelo a mechones",
        "je ne sens plus mes orteils",
        "spür meine zehen nicht mehr",
        "in der 3. Woche Ausschlag am ganzen Bauch",
        "macchie rosse dappertutto da ieri",
        "sangra o nariz toda manhã",
        "شعري عم يتساقط",
    ],
)
def test_what_befalls_a_body_is_a_hint_without_a_medicine_and_a_report_where_it_is_asked_about(text):
    """An acute sign alone interrupts nobody; under a question about the medicine it is what was asked for."""
    assert not found(text).reportable
    assert FindingKind.ADVERSE_EVENT in found(text).noticed
    assert found(text, about=QuestionTopic.MEDICINE).reportable


@pytest.mark.parametrize(
    "text",
    [
        "if i get a fever and come out in a rash i ring them",
        "asked about numb hands or feet",
        "pain at night",
        "keine blasen am mund, kein nasenbluten",
        "patients say their hair is coming out",
    ],
)
def test_an_acute_sign_that_nobody_has_is_no_event(text):
    """What is asked about, denied, only possible or of patients in general; and pain, the conversation's subject."""
    assert not found(text).reportable


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("am Ende jedes Zyklus reden wir", 0),
        ("am Ende des Tages zählt das", 0),
        ("ich bin am Ende", 1),
    ],
)
def test_the_end_of_a_cycle_is_not_the_end_of_ones_strength(text, tier):
    """German says both with the same two words."""
    assert found(text).tier == tier


def test_the_words_are_shown_where_they_stand():
    """Signals are places in the person's own text, accents and apostrophes kept."""
    text = "J\u2019ai eu des nausées après la perfusion"
    assert "nausées" in words(found(text), text, FindingKind.ADVERSE_EVENT)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("I got a rash from Revlimid", set(ReportElement)),
        ("my husband got a rash from Revlimid", set(ReportElement)),
        ("overdose", {ReportElement.REACTION}),
        ("a rash from Revlimid", {ReportElement.REACTION, ReportElement.PRODUCT}),
        ("lovely weather", set()),
    ],
)
def test_the_four_elements(text, known):
    """What the text itself holds of reporter, patient, reaction and product."""
    assert elements(found(text)) == known


def test_a_product_alone_is_no_finding():
    """Naming a medicine opens nothing."""
    finding = found("i am on Revlimid")
    assert finding.products
    assert not finding.signals
    assert not finding.reportable


def test_without_products_general_words_count():
    """A program that lists no product is still looked after."""
    finding = scan("the tablets gave me a rash", products=(), languages=SHIPPED)
    assert finding.reportable
    assert finding.products == ()


@given(st.text(max_size=80))
def test_no_text_makes_it_fail(text):
    """Any text gives signals that lie inside it."""
    finding = found(text)
    assert isinstance(finding, SafetyFinding)
    assert all(0 <= signal.start < signal.end <= len(text) for signal in finding.signals)


def test_every_shipped_language_has_a_lexicon():
    """Seven files, all of them read, none left over."""
    assert {file.stem for file in LEXICONS.glob("*.yaml")} == set(SHIPPED)
    assert all(lexicon((language,)).index.phrases for language in SHIPPED)


@pytest.mark.parametrize("line", ["", ".. dead", "very? bad"])
def test_a_pattern_begins_with_a_word(line):
    """A lexicon's line that would match anywhere is refused when it is read."""
    with pytest.raises(ValueError, match="must begin with a word"):
        read_pattern(line, "risk", "en", {})


def test_products_without_all_names():
    """A product may have a brand alone."""
    product = Product("x", "Pomalyst")
    finding = scan("pomalist gave me a rash", products=(product,), languages=("en",))
    assert [mention.product for mention in finding.products] == ["x"]


def fits(element, token):
    stems = tuple(key[:-1] for key in element.keys if key.endswith("*"))
    is_number = NUMBER in element.keys and token.is_number
    return is_number or any(form in element.keys or form.startswith(stems) for form in token.forms)


def matches(elements, found, place, at=0):
    """Whether a pattern begins here, by trying everything."""
    if at == len(elements):
        return True
    element, here = elements[at], place < len(found)
    same = here and (at == 0 or found[place].sentence == found[place - 1].sentence)
    if element.gap:
        rest = range(place, min(place + 4, len(found)))
        near = [start for start in rest if found[start].sentence == found[place - 1].sentence]
        return all(one.optional for one in elements[at + 1 :]) or any(
            matches(elements, found, start, at + 1) for start in near
        )
    if element.end:
        return not same
    fitting = here and fits(element, found[place])
    if element.optional:
        taken = fitting and matches(elements, found, place + 1, at + 1)
        return taken or matches(elements, found, place, at + 1)
    return fitting and same and matches(elements, found, place + 1, at + 1)


@pytest.mark.parametrize("language", SHIPPED)
def test_the_table_finds_what_trying_every_pattern_finds(language):
    """Looking only at patterns whose words the message has misses none of them, on the labelled set."""
    index = lexicon((language,)).index
    everyone = [
        *chain.from_iterable(index.words.values()),
        *(phrase.pattern for phrase in chain.from_iterable(index.phrases.values())),
    ]
    patterns = {id(pattern): pattern for pattern in everyone}.values()
    for text in [phrase.text for phrase in phrases() if phrase.language == language][::30]:
        found = tokens(text)
        found_hits = index.find(
            found, lambda place: frozenset(SHIPPED)
        )  # which also corrects what is misspelt
        hits = {(hit.family, hit.first) for hit in found_hits}
        tried = {
            (pattern.family, place)
            for place in range(len(found))
            for pattern in patterns
            if matches(pattern.elements, found, place)
        }
        assert hits == tried


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("porque eu", {FindingKind.UPSET}),
        ("porque eu queria saber mais", set()),
        ("foi porque eu pedi", set()),
        ("queria saber mais sobre os nervos", set()),
        ("uma pilha de nervos", {FindingKind.UPSET}),
        ("los nervios de los pies", set()),
        ("estoy nerviosa todo el dia", {FindingKind.UPSET}),
        ("mes collègues me l'ont demandé deux fois", set()),
        ("ils l'ont demandé avec le traitement", set()),
        ("ça me démange depuis le traitement", {FindingKind.ADVERSE_EVENT}),
        ("el medico nuevo me canso", set()),
    ],
)
def test_words_that_only_look_like_signs(text, kinds):
    """'Why me' is a question of its own; nerves are anatomy; 'asked' is no misspelt itch, nor a doctor a medicine."""
    assert found(text).kinds == kinds


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("my hair comes out in handfuls on these meds", FindingKind.ADVERSE_EVENT),
        ("on these meds it comes out in handfuls, my hair", FindingKind.ADVERSE_EVENT),
        ("saved up my tablets just in case", FindingKind.RISK),
        ("they would be happier without me", FindingKind.RISK),
        ("happier, all of them, without me", FindingKind.RISK),
        ("i wont stop shaking since the infusion", FindingKind.ADVERSE_EVENT),
    ],
)
def test_two_halves_make_a_sign_in_either_order(text, kind):
    """A part of the body and what befell it, being gone and others being better off."""
    assert kind in found(text).kinds


@pytest.mark.parametrize(
    "text",
    [
        "I no longer want to live",
        "cant carry on",
        "Je ne veux plus vivre.",
        "Déjenme morir",
        "Cansei de viver",
        "ich mag nimmer leben",
        "non voglio più vivere",
        "لا أطيق البقاء",
        "they brought me round and i resent it",
        "i press the lighter to skin i cut on my arm till it calms me",
        "a voice keeps telling me to jump",
        "skipping my insulin on purpose",
        "frightened of what i might do tonight",
    ],
)
def test_words_of_risk_that_leave_no_doubt_stop_the_script(text):
    """Direct words, a rescue regretted, harm that soothes, a voice, care refused on purpose, fear of oneself."""
    assert found(text).tier == 2


@pytest.mark.parametrize(
    "text",
    [
        "handed my cat to the lady next door, all paid",
        "this christmas will be my last",
        "nobody would even notice",
        "the river keeps calling me",
        "se fossi in cimitero sarebbe un sollievo",
        "ya di las llaves del piso, todo en orden",
        "alle Schlüssel sind abgegeben, das Grab bezahlt",
    ],
)
def test_words_that_may_be_of_risk_are_read_first_and_interrupt_nobody(text):
    """Belongings given, a last feast, nobody who would notice, a river, death as relief: each may be nothing."""
    finding = found(text)
    assert finding.tier == 0
    assert FindingKind.RISK in {hint.kind for hint in finding.hints}


@pytest.mark.parametrize(
    "text",
    [
        "my mother died at christmas, we miss her",
        "the cat is fine, she sits on my bed all day",
        "we walk along the river every sunday",
        "mon mari est mort en mars",
        "am Sonntag gehe ich auf den Friedhof zu meinem Mann",
        "la palliativa viene a casa i giovedì",
        "guardo las pastillas en la cocina",
        "o comboio para a clínica demora uma hora",
        "في العيد نزور أولادي",
        "I could have killed for a coffee",
        "boring enough to send me to sleep",
    ],
)
def test_death_in_the_family_a_river_and_a_feast_are_ordinary_talk(text):
    """Others' deaths, idioms, care at the end of life and places say nothing of risk."""
    assert FindingKind.RISK not in found(text).noticed


@pytest.mark.parametrize(
    "text",
    [
        "it knocked me out for two days",
        "messed up my sleep completely",
        "felt off all week",
        "zonked by noon",
    ],
)
def test_everyday_words_for_an_effect_are_noticed_where_a_medicine_is_asked_about(text):
    """They open no case where the question is about something else."""
    assert FindingKind.ADVERSE_EVENT in found(text, about=QuestionTopic.MEDICINE).noticed
    assert not found(text).reportable


@pytest.mark.parametrize(
    ("text", "reportable"),
    [
        ("Interroger chaque patient sous bortézomib sur les engourdissements avant chaque cycle", False),
        ("Bei Patienten unter Velcade auf Taubheit achten", False),
        ("Le cours ne parlait que de médicaments", False),
        ("On n'aurait parlé que de médicaments", False),
        ("Un folleto para los medicamentos", False),
        ("Je suis allé chercher mon Velcade et après j'ai vomi toute la nuit", True),
        ("Ich muss auf meine Füße achten, seit Velcade sind sie taub", True),
        ("Tuve que parar las pastillas", True),
        ("Paré la medicación porque me mareaba", True),
        ("me han parado el tratamiento", True),
    ],
)
def test_a_plan_or_a_topic_of_another_language_is_no_report(text, reportable):
    """To ask about or watch for a side effect is a plan; Spanish 'para' is no stop, and nor is French 'parler'."""
    assert (FindingKind.ADVERSE_EVENT in found(text).noticed) is reportable


@pytest.mark.parametrize(
    "text",
    ["the nurse explained it after the infusion", "all fine since the new tablets", "dropped my hair dryer"],
)
def test_since_the_tablets_alone_is_no_sign(text):
    """'Since the tablets' counts, but not with good news or with how care is run."""
    assert not found(text).reportable


@pytest.mark.parametrize(
    ("text", "reportable"),
    [("assess neuropathy and rash at each cycle", False), ("i got a rash at the last infusion", True)],
)
def test_what_a_clinician_means_to_do_is_no_event(text, reportable):
    """A sentence that begins with 'assess', 'discuss', 'implement' is a plan."""
    assert found(text).reportable is reportable


@pytest.mark.parametrize(
    "text",
    [
        "بعيط كل يوم",
        "sooooo scared",
        "jai mal partout depuis la chimio",
        "lhopital, aux urgences",
        "went to A&E",
    ],
)
def test_words_as_people_type_them(text):
    """Dialect, letters held down, elisions run together, an ampersand."""
    assert found(text).noticed
