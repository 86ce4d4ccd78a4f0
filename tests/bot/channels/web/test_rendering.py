"""The pages as HTML: whole, escaped, in every language, with the fields that the channel reads and nothing foreign."""

import gzip
import re
from dataclasses import dataclass, field, replace
from datetime import date
from html.parser import HTMLParser

import pytest

from bot.channels.page_guards import PAGE_POLICY
from bot.channels.web.port import (
    ADDRESS_PATH,
    CONFIRM_PATH,
    CONVERSATION_PATH,
    FORGET_PATH,
    INVITATION_PATH,
    LINK_PATH,
    MAIL_PATH,
    NEWS,
    TRY_PATH,
    UNSUBSCRIBE_PATH,
    AnswerDraft,
    ConversationPage,
    FormField,
    FormMarks,
    FormProblem,
    InvitationPreview,
    NoticeKind,
    PageAuthor,
    PageMessage,
    PageNotice,
)
from bot.channels.web.rendering import (
    assets,
    conversation_page,
    forget_page,
    invitation_page,
    notice_page,
)
from flows.engine.effects import PromptKind
from flows.i18n.say import Sentence, say
from flows.i18n.say_in_mail import MailSentence, say_in_mail
from flows.parsing.commands import GlobalWord, global_word
from tests.support.web_pages import (
    LANGUAGES,
    MARKS,
    MORNING,
    asking,
    asking_with_help,
    every_page,
    idle,
    in_distress,
    preview,
)

HOSTILE = "</p><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}&amp;"
EMPTY_TAGS = frozenset({"meta", "link", "input", "br", "wbr", "circle", "path", "rect"})
LARGEST_FIRST_PAGE = 60_000
LARGEST_SCRIPT = 2_048


@dataclass
class ReadPage(HTMLParser):
    """A page as a strict reader sees it: its tags in order, and the forms with their fields, wherever these stand."""

    text: str
    open_tags: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    by_name: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert len(found) == len(attrs), f"an attribute stands twice in {tag} {attrs}"
        self.tags.append((tag, found))
        self.ids.extend(found["id"] or "" for _ in range("id" in found))
        if tag == "form":
            self.forms.append(self.by_name.setdefault(found.get("id") or f"{len(self.forms)}", {}))
        if tag in ("input", "button", "textarea", "select") and found.get("name"):
            named = found.get("form")
            form = self.by_name.setdefault(named, {}) if named else self.forms[-1]
            form.setdefault(str(found["name"]), []).append(found.get("value") or "")
        if tag not in EMPTY_TAGS:
            self.open_tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY_TAGS:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag, f"{tag} is closed before another"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole(language: str):
    """Each tag is closed, each id stands once, and what refers to one finds it."""
    for name, text in every_page(language).items():
        page = ReadPage(text)
        assert page.open_tags == [], name
        assert len(set(page.ids)) == len(page.ids), name
        for _, found in page.tags:
            for reference in ("for", "aria-labelledby", "aria-describedby"):
                assert set((found.get(reference) or "").split()) <= set(page.ids), name
        html = next(found for tag, found in page.tags if tag == "html")
        assert html == {"lang": language, "dir": "rtl" if language == "ar" else "ltr"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_holds_style_or_script_or_asks_elsewhere(language: str):
    """The strict policy holds: no style, script or handler stands in a page, and no address of another host."""
    known = {*assets(), CONVERSATION_PATH, FORGET_PATH, ADDRESS_PATH, LINK_PATH, TRY_PATH}
    with_token = (INVITATION_PATH, MAIL_PATH, UNSUBSCRIBE_PATH, CONFIRM_PATH)
    for name, text in every_page(language).items():
        assert "http:" not in text, name
        assert "https:" not in text, name
        for tag, found in ReadPage(text).tags:
            assert tag not in ("style", "iframe", "img", "object", "base"), name
            assert not [one for one in found if one == "style" or one.startswith("on")], name
            address = found.get("href") or found.get("src") or found.get("action")
            if tag == "script":
                assert address in assets(), name
            if address and not address.startswith(("#", "?", "tel:")):
                path = address.partition("#")[0].partition("?")[0]
                assert path in known or path.startswith(with_token), (name, address)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_page_is_in_its_language(language: str):
    """No sentence of ours is left in English."""
    english = {
        say(one, "en") for one in Sentence if one.name.startswith("PAGE_") and "{" not in say(one, "en")
    }
    own = {
        say(one, language)
        for one in Sentence
        if one.name.startswith("PAGE_") and "{" not in say(one, language)
    }
    of_mails = {say_in_mail(one, "en") for one in MailSentence if "{" not in one.value}
    english |= of_mails - {say_in_mail(one, language) for one in MailSentence}
    shown = re.sub(r"<[^>]*>", "\n", "".join(every_page(language).values()))
    if language != "en":
        assert {line.strip() for line in shown.split("\n")} & (english - own) == set()


def test_every_form_holds_the_marks_and_known_fields():
    """A form is posted with its own key, what its reader could have seen, and nothing that the channel can not read."""
    for name, text in every_page("en").items():
        forms = ReadPage(text).forms
        for one in forms:
            assert set(one) <= {known.value for known in FormField}, name
            assert {"key", "newest", "about"} <= set(one), name
            if not name.startswith("mail-"):
                assert one["csrf"] == ["c-1"], name
                assert one["key"][0].startswith(MARKS.key), name
            elif "address" in name:  # all other pages about mails are opened by a link alone
                assert one["csrf"] != [""], name
        by_kind = [one["key"][0] for one in forms if not one["key"][0].endswith("-history")]
        assert len(set(by_kind)) == len(by_kind), name


def test_a_form_without_a_mark_of_the_channel_has_no_such_field():
    """Where the channel puts no mark into forms there is no empty one."""
    assert 'name="csrf"' not in conversation_page(asking(PromptKind.TEXT, "en"), FormMarks(key="k"))


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (PromptKind.SELECT_ONE, {"tap": ["1.3.0", "1.3.1", "1.3.2", "1.3.3", "1.3.4"]}),
        (PromptKind.SELECT_MANY, {"pick": ["0", "1", "2", "3"], "done": ["1.3"], "tap": ["1.3.4"]}),
        (PromptKind.SCALE, {"step": [f"1.3.{step:x}" for step in range(11)], "tap": ["1.3.b"]}),
        (PromptKind.DATE, {"day": [""], "date": ["1.3"], "tap": ["1.3.0"]}),
        (PromptKind.CONSENT, {"tap": ["1.3.0", "1.3.1"]}),
    ],
)
def test_a_question_is_answered_by_native_fields(kind: PromptKind, fields: dict[str, list[str]]):
    """Buttons, boxes, radio buttons and a field for a day post what names the option, the places, or the question."""
    forms = ReadPage(conversation_page(asking(kind, "en"), MARKS)).forms
    answers = next(one for one in forms if one["key"] == ["k7Qm-words"])
    marks = {"key": ["k7Qm-words"], "newest": ["5"], "about": ["5"], "csrf": ["c-1"]}
    assert {name: answers[name] for name in (*marks, *fields)} == marks | fields
    assert "words" in answers  # so that a tap keeps what was typed


def test_what_was_ticked_is_ticked_and_a_day_has_its_bounds():
    """The fields begin as the question stands."""
    boxes = ReadPage(conversation_page(asking(PromptKind.SELECT_MANY, "en"), MARKS)).tags
    assert [found["value"] for _, found in boxes if "checked" in found] == ["1"]
    day = conversation_page(asking(PromptKind.DATE, "en"), MARKS)
    assert 'name="day" min="2026-03-02" max="2026-09-02"' in day


@pytest.mark.parametrize("kind", [kind for kind in PromptKind if kind is not PromptKind.SAY])
def test_words_may_be_typed_under_every_question(kind: PromptKind):
    """A field for words stands under each, in a form of its own or with what skips."""
    forms = ReadPage(conversation_page(asking(kind, "en"), MARKS)).forms
    assert sum("words" in one for one in forms) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_else_can_be_done_is_said_as_it_would_be_typed(language: str):
    """Each control's value is a command that is read in its language; the question's own Skip stands but once."""
    [commands] = [
        one["command"]
        for one in ReadPage(conversation_page(asking(PromptKind.CONSENT, language), MARKS)).forms
        if "command" in one
    ]
    assert [global_word(one, language) for one in commands] == [
        GlobalWord.SKIP,
        GlobalWord.BACK,
        GlobalWord.PAUSE,
        GlobalWord.MY_DATA,
        GlobalWord.HELP,
        GlobalWord.STOP,
    ]
    skippable = conversation_page(asking(PromptKind.SELECT_ONE, language), MARKS)
    assert skippable.count(f">{say(Sentence.BUTTON_SKIP, language)}<") == 1


def test_nothing_is_skipped_where_nothing_is_open():
    """Without a question there is no Skip, Back or Pause; data, help and stop are always there."""
    [commands] = [
        one["command"]
        for one in ReadPage(conversation_page(idle("en", waiting=False), MARKS)).forms
        if "command" in one
    ]
    assert commands == ["My data", "Help", "Stop"]


def test_words_of_others_are_never_markup():
    """Whatever a person, a script or a program says is shown as it is."""
    page = asking(PromptKind.SELECT_MANY, "en")
    assert page.open_question is not None
    prompt = page.open_question.prompt
    options = tuple(type(one)(HOSTILE, control=one.control) for one in prompt.options)
    hostile = type(prompt)(HOSTILE, prompt.kind, 3, options=options, lead=HOSTILE, language="en")
    said = tuple(replace(one, text=HOSTILE, is_help=True) for one in page.messages)
    shown = replace(
        page, title=HOSTILE, messages=said, open_question=replace(page.open_question, prompt=hostile)
    )
    marks = FormMarks(key="k", problem=FormProblem.TOO_LONG, draft=AnswerDraft(words=f"</textarea>{HOSTILE}"))
    invited = replace(preview("en"), title=HOSTILE, team=HOSTILE, contact=HOSTILE, token="a/../b?c#d")
    for text in (
        conversation_page(shown, marks),
        invitation_page(invited, MARKS),
        notice_page(PageNotice(kind=NoticeKind.LINK_USED, language="en", contact=HOSTILE)),
    ):
        read = ReadPage(text)
        assert read.open_tags == []
        assert not [found for tag, found in read.tags if tag == "img" or "onerror" in found]
        assert "alert(1)" not in "".join(str(found) for tag, found in read.tags if tag == "script")
        assert "{{ 7*7 }}" in text
        assert "&amp;amp;" in text


def test_words_in_another_language_say_so():
    """A message in another language carries it and its direction; of the person's own the browser finds out."""
    said = (
        PageMessage(name="1", author=PageAuthor.BOT, text="Hallo", language="de"),
        PageMessage(name="2", author=PageAuthor.BOT, text="مرحبا", language="ar"),
        PageMessage(name="3", author=PageAuthor.PERSON, text="שלום"),
        PageMessage(name="4", author=PageAuthor.BOT, text="Hello", language="en"),
    )
    tags = ReadPage(conversation_page(ConversationPage(language="en", messages=said), MARKS)).tags
    assert [found for _, found in tags if found.get("class") == "said"] == [
        {"class": "said", "lang": "de", "dir": "ltr"},
        {"class": "said", "lang": "ar", "dir": "rtl"},
        {"class": "said", "dir": "auto"},
        {"class": "said"},
    ]


def test_a_question_in_another_language_than_the_page_says_so():
    """Its text and its choices are read in their own language."""
    page = replace(asking(PromptKind.SELECT_ONE, "ar"), language="en")
    text = conversation_page(page, MARKS)
    assert text.count('lang="ar" dir="rtl"') >= 6
    assert '<html lang="en" dir="ltr">' in text


def test_help_can_be_called_from_the_page():
    """Help for somebody at risk has numbers that a tap calls, stands out, and is what the page opens at."""
    text = conversation_page(in_distress("en"), MARKS)
    assert 'href="tel:112"' in text
    assert 'href="tel:08001110111"' in text
    assert 'class="message bot help"' in text
    assert text.index(f'id="{NEWS}"') < text.index("I am a bot, so I can not keep you safe")


def test_help_that_asks_can_be_called_too():
    """Help that comes as the open question has its numbers, stands out, and is what the page opens at."""
    text = conversation_page(asking_with_help("en"), MARKS)
    assert (
        text.index(f'id="{NEWS}"') < text.index('class="question long help"') < text.index('href="tel:112"')
    )


def test_no_one_s_own_words_lead_anywhere():
    """An address that a person wrote is no link; one in our words is, and tells its host nothing."""
    address = "https://other.example/x"
    said = [PageMessage(name=one.value, author=one, text=address) for one in PageAuthor]
    page = ConversationPage(language="en", messages=tuple(said))
    text = conversation_page(page, MARKS)
    assert text.count(f'<a href="{address}" rel="noreferrer noopener">') == 1


def test_the_page_opens_at_what_is_new():
    """All after the person's last words is new; where that is only the question, the page opens there."""
    text = conversation_page(asking(PromptKind.TEXT, "en"), MARKS)
    assert text.index('id="m-3"') < text.index(f'id="{NEWS}"') < text.index("Thank you for telling me")
    page = asking(PromptKind.TEXT, "en")
    alone = conversation_page(replace(page, messages=page.messages[:3]), MARKS)
    assert alone.index('id="now"') < alone.index(f'id="{NEWS}"')


@pytest.mark.parametrize(
    ("problem", "at"),
    [
        (FormProblem.NO_WORDS, "words-problem"),
        (FormProblem.TOO_LONG, "words-problem"),
        (FormProblem.NOTHING_PICKED, "pick-problem"),
        (FormProblem.NO_DAY, "pick-problem"),
        (FormProblem.STALE, None),
    ],
)
def test_what_is_wrong_is_said_at_its_field(problem: FormProblem, at: str | None):
    """The text is announced, stands at the field and is named by it; what was typed is still there."""
    marks = FormMarks(key="k", problem=problem, draft=AnswerDraft(words="my words"))
    read = ReadPage(conversation_page(asking(PromptKind.DATE, "en"), marks))
    [said] = [found for _, found in read.tags if found.get("role") == "alert"]
    assert said.get("id") == at
    if at is not None:
        [told] = [found for tag, found in read.tags if found.get("aria-describedby") == at and tag != "div"]
        assert told["aria-invalid"] == "true"
        assert "autofocus" in told
    assert ">\nmy words</textarea>" in read.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_loads_itself_anew(language: str):
    """What somebody types or reads is not taken from under their hands; what a script loads keeps it."""
    for name, text in every_page(language).items():
        assert "http-equiv" not in text, name
        assert "<noscript" not in text, name


def test_a_page_that_waits_has_a_button_that_asks_again():
    """It posts what was typed so far with it, and says nothing; with a script the page asks again by itself."""
    waiting = conversation_page(idle("en", waiting=True), MARKS)
    assert 'id="wait"' in waiting
    assert "My reply is on its way" in waiting
    [look] = [found for tag, found in ReadPage(waiting).tags if found.get("name") == "look"]
    assert look["formaction"] == "/talk#end"
    [form] = [found for tag, found in ReadPage(waiting).tags if found.get("id") == look["form"]]
    inside = waiting.partition(f'id="{look["form"]}"')[2].partition("</form>")[0]
    assert form["action"] == "/talk"
    assert 'id="words"' in inside
    resting = conversation_page(idle("en", waiting=False), MARKS)
    assert 'id="wait"' not in resting
    assert 'name="look"' not in resting


TICKED = AnswerDraft(question="1.3", picks=frozenset({0, 2, 3}))


def _checked(text: str) -> list[str | None]:
    return [found["value"] for _, found in ReadPage(text).tags if "checked" in found]


def test_an_answer_that_was_not_taken_stands_in_its_fields():
    """Ticks, a day, a step and words, whether the page refused them or what reads answers did."""
    many = asking(PromptKind.SELECT_MANY, "en")
    assert _checked(conversation_page(many, MARKS)) == ["1"]
    assert _checked(conversation_page(_drafted(many, TICKED), MARKS)) == ["0", "2", "3"]
    assert _checked(conversation_page(_drafted(many, replace(TICKED, picks=frozenset())), MARKS)) == []
    assert _checked(conversation_page(many, replace(MARKS, draft=TICKED))) == ["0", "2", "3"]
    assert _checked(
        conversation_page(asking(PromptKind.SCALE, "en"), replace(MARKS, draft=AnswerDraft(step="1.3.4")))
    ) == ["1.3.4"]
    for day in ("2020-01-31", "31/1/20"):
        draft = AnswerDraft(question="1.3", day=day)
        for page, marks in (
            (_drafted(asking(PromptKind.DATE, "en"), draft), MARKS),
            (asking(PromptKind.DATE, "en"), replace(MARKS, draft=draft)),
        ):
            [field_] = [
                one for _, one in ReadPage(conversation_page(page, marks)).tags if one.get("name") == "day"
            ]
            assert field_["value"] == day
    words = _drafted(asking(PromptKind.NUMBER, "en"), AnswerDraft(words="thre"))
    assert ">\nthre</textarea>" in conversation_page(words, MARKS)


def test_what_was_given_to_another_question_fills_in_nothing():
    """A form of an old page leaves its words, and no tick or day: they meant something else."""
    other = AnswerDraft(question="1.2", picks=frozenset({0}), day="2026-03-04", words="my words")
    text = conversation_page(asking(PromptKind.SELECT_MANY, "en"), replace(MARKS, draft=other))
    assert _checked(text) == ["1"]
    assert ">\nmy words</textarea>" in text
    assert "2026-03-04" not in conversation_page(asking(PromptKind.DATE, "en"), replace(MARKS, draft=other))


def test_words_typed_meanwhile_leave_the_ticks():
    """What stood in the text area when the page was asked for anew comes beside what was not taken before."""
    page = _drafted(asking(PromptKind.SELECT_MANY, "en"), TICKED)
    text = conversation_page(page, replace(MARKS, draft=AnswerDraft(words="my words")))
    assert _checked(text) == ["0", "2", "3"]
    assert ">\nmy words</textarea>" in text


def _drafted(page: ConversationPage, draft: AnswerDraft) -> ConversationPage:
    """The page, with an answer to its question that was not taken."""
    assert page.open_question is not None
    return replace(page, open_question=replace(page.open_question, draft=draft))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Tuesday, 1 September 2026"),
        ("de", "Dienstag, 1. September 2026"),
        ("fr", "mardi 1er septembre 2026"),
        ("es", "martes, 1 de septiembre de 2026"),
        ("it", "martedì 1 settembre 2026"),
        ("pt", "terça-feira, 1 de setembro de 2026"),
        ("ar", "الثلاثاء، 1 سبتمبر 2026"),
    ],
)
def test_a_day_that_somebody_gave_is_written_as_they_write_it(language: str, words: str):
    """In the words of the page's language, with the day for machines; so are the days of the history."""
    day = date(2026, 9, 1)
    said = PageMessage(name="1", author=PageAuthor.PERSON, text="", day=day, at=MORNING)
    text = conversation_page(ConversationPage(language=language, messages=(said,)), MARKS)
    assert f'<time datetime="2026-09-01">{words}</time>' in text
    assert text.count("2026-09-01") == 1
    assert '<time datetime="2026-03-02">' in text
    assert f'<time datetime="{MORNING.isoformat(timespec="minutes")}">' in text


def test_an_invitation_says_what_may_be_told():
    """Who asks, what it is, how long it takes and whom to ask; where nothing may be told, nothing is."""
    text = invitation_page(preview("en"), MARKS)
    for told in (
        "Living with myeloma",
        "The Myeloma Learning Team would like",
        "10 minutes",
        "team@example.org",
    ):
        assert told in text
    assert '<form method="post" action="/c/T0ken_-x"' in text
    neutral = invitation_page(InvitationPreview(token="T0ken_-x", language="en"), MARKS)
    assert "We would like to hear from you" in neutral
    for untold in ("yeloma", "minutes", "team@", "None"):
        assert untold not in neutral


def test_an_invitation_that_was_begun_here_goes_on():
    """The button does not begin anew what this device has begun."""
    text = invitation_page(replace(preview("en"), begun=True), MARKS)
    assert '<button class="main">Go on</button>' in text
    assert "We go on where you left off" in text


@pytest.mark.parametrize("begun", [True, False])
def test_on_a_device_that_is_somebodys_it_is_asked_who_begins(begun: bool):
    """Both answers are buttons, each with the question as what describes it; nobody is told that they began."""
    text = invitation_page(replace(preview("en"), asks_whose=True, begun=begun), MARKS)
    assert '<button class="main" aria-describedby="whose">Yes</button>' in text
    assert '<button class="main" aria-describedby="whose" name="anew" value="1">No</button>' in text
    assert "We go on where you left off" not in text


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_notice_says_what_it_is(kind: NoticeKind):
    """Each has a heading and a sentence, and only what may pass offers to try again."""
    text = notice_page(PageNotice(kind=kind, language="en"))
    assert re.search(r"<h1>[A-Z][^<]+</h1>\s*<p class=\"opening\">[A-Z][^<]+[.]</p>", text)
    passing = {NoticeKind.TOO_MANY, NoticeKind.OUR_ERROR, NoticeKind.TOO_LARGE}
    assert ("Try again" in text) is (kind in passing)


def test_forgetting_a_device_is_asked_first():
    """The page says what follows, and has a way back."""
    text = forget_page("en", LANGUAGES, MARKS)
    assert f'<form method="post" action="{FORGET_PATH}"' in text
    assert "you need a new link" in text
    assert f'href="{CONVERSATION_PATH}#{NEWS}"' in text


def test_a_file_that_comes_with_a_message_can_be_had():
    """A message with a file has a link to it."""
    said = PageMessage(name="1", author=PageAuthor.BOT, text="Here it is.", file="/my-data.txt")
    text = conversation_page(ConversationPage(language="en", messages=(said,)), MARKS)
    assert '<a href="/my-data.txt" download>My data</a>' in text


def test_the_first_page_is_light():
    """With style, script and icon every page is below 60 KB, as it is and not only packed; the script below 2 KB."""
    files = {one.media_type.partition(";")[0]: one.content for one in assets().values()}
    assert len(files["text/javascript"]) <= LARGEST_SCRIPT
    weight = sum(map(len, files.values()))
    for language in LANGUAGES:
        for name, text in every_page(language).items():
            assert weight + len(text.encode()) <= LARGEST_FIRST_PAGE, name
    packed = sum(len(gzip.compress(one)) for one in files.values())
    assert packed <= LARGEST_FIRST_PAGE // 6


def test_an_asset_s_path_changes_with_what_is_in_it():
    """So it may be kept for ever by a browser; the policy allows our own files and nothing else."""
    for path, one in assets().items():
        assert path == one.path
        assert re.fullmatch(r"/page/[a-z]+-[0-9a-f]{12}\.(css|js|svg)", path)
    assert "unsafe" not in PAGE_POLICY
    assert PAGE_POLICY.startswith("default-src 'none';")
    assert not any(
        b"http:" in one.content or b"https:" in one.content
        for one in assets().values()
        if "svg" not in one.media_type
    )
