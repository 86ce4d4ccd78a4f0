"""What a tap leaves on the screen, on both platforms: what was chosen, and a way to change it."""

import pytest

from flows.script.model import Role
from tests.emulators.faults import Fault
from tests.support.dialogue import Seen, begins, said_by
from tests.support.platforms.drivers import PlatformDriver
from tests.support.platforms.trouble import AFTER_THE_ROLE, begin

READY = "You can skip, pause or stop"
CONSENT = "Your answers help teach"
LATER = "May I write again"
LIVE = ("I agree", "Yes", "No", "Change it", "Keep it")
ROLE = "Your role?"


def texts(seen: list[Seen]) -> list[str]:
    return said_by(seen)


@pytest.mark.parametrize("how", ["tapped", "typed"])
async def test_an_answer_leaves_its_trace(driver: PlatformDriver, how: str) -> None:
    """The question stays, with what was chosen in place of its buttons; no message comes of it."""
    await begin(driver)
    await (driver.tap("Nurse", ROLE) if how == "tapped" else driver.type("nurse"))
    assert driver.stands_under(ROLE) == ["\u2713 Nurse", "Change"]
    assert driver.said_twice() == 0
    assert driver.house.count("SELECT count(*) FROM outbox WHERE kind = 'edit'") == 0


async def test_change_asks_again_and_comes_back(driver: PlatformDriver) -> None:
    """'Change' puts the question once more, its old message loses its buttons, and then it goes on as before."""
    await begin(driver)
    await driver.tap("Nurse", ROLE)
    before = driver.on_screen()
    assert texts(await driver.tap("Change", ROLE)) == [ROLE]
    assert driver.stands_under(ROLE)[:2] == ["Physician", "Nurse"]
    assert texts(await driver.tap("Pharmacist", ROLE)) == [AFTER_THE_ROLE]
    assert 'corrected c1 = "pharmacist" from "Pharmacist"' in driver.kept()
    assert driver.stands_under(ROLE) == ["\u2713 Pharmacist", "Change"]
    assert driver.on_screen() == before + 2


async def test_an_old_button_still_works(driver: PlatformDriver) -> None:
    """An app that still shows the buttons of before corrects the answer, and the trace is that of the new one."""
    await begin(driver)
    await driver.tap("Nurse", ROLE)
    await driver.tap("Physician", ROLE)
    assert 'corrected c1 = "physician" from "Physician"' in driver.kept()
    assert driver.stands_under(ROLE) == ["\u2713 Physician", "Change"]


async def test_a_second_change_is_answered_on_the_screen(driver: PlatformDriver) -> None:
    """Tapped once more in an app that still shows it, 'Change' says where the question is, by words that pass."""
    await begin(driver)
    await driver.tap("Nurse", ROLE)
    await driver.tap("Change", ROLE)
    told = await driver.tap("Change", ROLE)
    assert [(one.text, one.toast) for one in told] == [("This question is open, further down.", True)]


async def test_a_skipped_question_says_so(driver: PlatformDriver) -> None:
    """What was skipped can be answered after all."""
    await begin(driver)
    await driver.tap("Skip", ROLE)
    assert driver.stands_under(ROLE) == ["\u2713 Skip", "Change"]
    await driver.tap("Change", ROLE)
    await driver.tap("Nurse", ROLE)
    assert 'answer c1 = "nurse" from "Nurse"' in [
        line.replace("corrected", "answer") for line in driver.kept()
    ]


async def test_a_consent_shows_what_was_chosen(driver: PlatformDriver) -> None:
    """Also a consent, so that nobody need remember what they agreed to."""
    await begin(driver)
    assert driver.stands_under("May I check back later") == ["\u2713 Yes", "Change"]


async def test_too_few_picks_are_told_in_passing(driver: PlatformDriver) -> None:
    """Done with nothing ticked says so to whoever tapped; the list is not sent again, and stays as it is."""
    await begin(driver)
    await driver.tap("Nurse", ROLE)
    await driver.tap("I will change something", AFTER_THE_ROLE)
    seen = await driver.tap("Ask about numbness at every visit", "Pick one")
    while not begins(seen[-1].text, "What might"):
        asked = seen[-1].text
        is_scale = any(word in asked for word in ("sure", "confident", "With how many"))
        seen = await driver.type("4" if is_scale else "yes" if "save this" in asked else "words of mine")
    before = driver.stands_under("What might")
    told = await driver.tap("Done", "What might")
    assert [(one.text, one.toast) for one in told] == [("Please pick at least 1.", True)]
    assert driver.stands_under("What might") == before


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.DROP_BEFORE, Fault.RATE_LIMIT])
async def test_a_trace_that_fails_is_left_out(driver: PlatformDriver, fault: Fault) -> None:
    """The edit is tried once; the conversation goes on, and nobody is told."""
    await begin(driver)
    for method in ("editMessageReplyMarkup", "response_url", "chat.update"):
        driver.faults.add(method, fault)
    assert texts(await driver.tap("Nurse", ROLE)) == [AFTER_THE_ROLE]
    assert driver.stands_under(ROLE)[:2] == ["Physician", "Nurse"]
    assert driver.house.alerts == []
    assert driver.house.count("SELECT count(*) FROM outbox WHERE kind = 'edit'") == 0


async def test_an_answer_in_words_can_be_changed(driver: PlatformDriver) -> None:
    """Words are not repeated: 'Change' stands alone under their question."""
    await begin(driver)
    for reply in ("nurse", "1", "write my own", "Ask every patient about numbness"):
        await driver.type(reply)
    assert driver.stands_under("Say it") == ["Change"]
    await driver.tap("Change", "Say it")
    await driver.type("Ask every new patient about numbness")
    assert 'corrected c4[0] = "Ask every new patient about numbness"' in driver.kept()


async def test_change_after_the_end_asks_before_it_changes(driver: PlatformDriver) -> None:
    """The question is shown once more; a tap on it is asked about, and then leaves its trace."""
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    await driver.house.settle()
    for reply in ("yes", "yes", "nurse", "not relevant to me"):
        seen = await driver.type(reply)
    while driver.house.count("SELECT count(*) FROM conversation WHERE status != 'ended'"):
        seen = await driver.type("skip")
    assert seen
    assert texts(await driver.tap("Change", ROLE)) == [ROLE]
    asked = await driver.tap("Physician", ROLE)
    assert driver.stands_under(ROLE)[0] == "Physician"
    await driver.tap(asked[-1].buttons[0].label, "")
    assert driver.stands_under(ROLE) == ["\u2713 Physician", "Change"]


async def test_every_copy_of_a_question_loses_its_buttons(driver: PlatformDriver) -> None:
    """A question that came three times shows what was chosen at the end; no button is left above it."""
    await begin(driver)
    await driver.type("help")
    await driver.type("help")
    assert [labels[0] for labels in driver.under_each(ROLE)] == ["Physician"] * 3
    await driver.tap("Nurse", ROLE)
    assert driver.stands_under(ROLE) == ["\u2713 Nurse", "Change"]
    assert [[one for one in labels if "Nurse" not in one] for labels in driver.under_each(ROLE)] == [
        [],
        [],
        ["Change"],
    ]


@pytest.mark.parametrize("word", ["stop", "restart"])
async def test_the_question_that_was_open_at_the_end(driver: PlatformDriver, word: str) -> None:
    """It loses its buttons, which would do nothing; what was answered before can be changed still."""
    await begin(driver)
    await driver.tap("Nurse", ROLE)
    assert driver.stands_under(AFTER_THE_ROLE)
    await driver.type(word)
    assert driver.under_each(AFTER_THE_ROLE) == [[]]
    assert driver.stands_under(ROLE) == ["\u2713 Nurse", "Change"]


@pytest.mark.parametrize("last", [("No", "Change it"), ("No", "stop"), ("stop",)])
async def test_no_question_that_waited_can_be_tapped_after_the_end(
    driver: PlatformDriver, last: tuple[str, ...]
) -> None:
    """Two consents are put again, one above the other, and the talk ends there: no yes or no is left to be tapped."""
    await driver.enter(driver.house.token("patient_interview", Role.PATIENT))
    await driver.house.settle()
    for label, under in (("Continue", READY), ("I agree", CONSENT), ("Yes", LATER)):
        await driver.tap(label, under)
    await driver.tap("Change", LATER)
    await driver.tap("Change", CONSENT)
    for said in last:
        await (driver.type(said) if said == "stop" else driver.tap(said, CONSENT))
    left = [labels for text in (READY, CONSENT, LATER) for labels in driver.under_each(text)]
    assert left
    assert [label for labels in left for label in labels if label in LIVE] == []
    assert driver.house.put_aside() == []
