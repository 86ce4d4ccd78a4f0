"""Names behind a title are found in seven languages; a title alone, and a word that begins a sentence, are none."""

import pytest

from flows.text.pii import find_identifiers, redact
from flows.text.titled_names import SHORT_TITLES, WHOLE_TITLES
from storage.redaction import redacted

FOUND = [
    ("My doctor Brown explained it", "My doctor [name] explained it"),
    ("Dr. Brown-Smith's clinic", "Dr. [name]'s clinic"),
    ("ask Dr. Smith. He knows", "ask Dr. [name]. He knows"),
    ("Dr van der Berg said", "Dr [name] said"),
    ("Dr Anna Maria Brown on Monday", "Dr [name] on Monday"),
    ("Prof J. O'Neill", "Prof [name]"),
    ("Dr K said", "Dr [name] said"),
    ("mr elliott and mrs. jones came", "mr [name] and mrs. [name] came"),
    ("I like ms. Jones", "I like ms. [name]"),
    ("Frau Müller hat angerufen", "Frau [name] hat angerufen"),
    ("Sehr geehrte Frau Prof. Dr. Meier, danke", "Sehr geehrte Frau Prof. Dr. [name], danke"),
    ("Frau Doktor Huber", "Frau Doktor [name]"),
    ("bei Dr.in Novak", "bei Dr.in [name]"),
    ("Herr Krebs war da", "Herr [name] war da"),
    ("Herrn von Stein", "Herrn [name]"),
    ("Frau Huber Tabletten gegeben", "Frau [name] Tabletten gegeben"),
    ("la Dra. Pérez de Hematología me dijo", "la Dra. [name] de Hematología me dijo"),
    ("el señor García López", "el señor [name]"),
    ("doña Carmen del Río", "doña [name]"),
    ("o Dr. João da Silva disse", "o Dr. [name] disse"),
    ("a dona Maria e a Sr.ª Costa", "a dona [name] e a Sr.ª [name]"),
    ("il dottor Rossi e la Dott.ssa Bianchi", "il dottor [name] e la Dott.ssa [name]"),
    ("la Sig.ra Verdi", "la Sig.ra [name]"),
    ("M. Dupont et Mme Le Pen", "M. [name] et Mme [name]"),
    ("le docteur Étienne Roux", "le docteur [name]"),
    ("الدكتورة سارة القحطاني قالت", "الدكتورة [name] قالت"),
    ("مع د. سامي أمس", "مع د. [name] أمس"),
    ("للدكتور عبد الله الزهراني شكرا", "للدكتور [name] شكرا"),
    ("السيد أحمد", "السيد [name]"),
]
LEFT = [
    "I saw the Dr. She said no",
    "my Dr and my doctor",
    "doctor I trust",
    "Mr Right-now is not here",
    "turns me into Mr. Hyde",
    "Dr Google says so",
    "MS patients, MR Imaging, PR Team",
    "I miss Christmas",
    "Dr visits on Monday",
    "the nurse Practitioner",
    "Herr Doktor",
    "Frau Doktor",
    "meine Frau Krebs hat",
    "als Frau Angst haben",
    "meine Frau Anna",
    "die Frau hat",
    "M. Crohn seit 2010",
    "el doctor de Madrid",
    "la doctora Me dijo",
    "Nuestra Señora Aparecida",
    "madame, monsieur",
    "vitamin D. The rest",
    "الدكتور قال لي",
    "كانت الممرضة لطيفة",
    "د. قال",
]


@pytest.mark.parametrize(("text", "shown"), FOUND)
def test_the_name_goes_and_the_title_stays(text: str, shown: str) -> None:
    """The same with all that stands before the look for identifiers."""
    assert redact(text, find_identifiers(text)) == shown
    assert redacted(text) == shown


@pytest.mark.parametrize("text", LEFT)
def test_what_is_no_name_stays(text: str) -> None:
    """A title without a name, words that begin a sentence, nouns, and signs that look like a title."""
    assert redacted(text) == text


@pytest.mark.parametrize("title", [*SHORT_TITLES, *WHOLE_TITLES])
def test_every_title_is_worth_a_look(title: str) -> None:
    """What decides quickly whether a text is looked at passes over none of them, nor its form in small letters."""
    assert redacted(f"{title} Xaver said so") == f"{title} [name] said so"
    lower = title.lower()
    dotted = lower if title in WHOLE_TITLES else f"{lower}."
    if title != "Miss":
        assert redacted(f"so said {dotted} Xaver") == f"so said {dotted} [name]"
