"""Pages of the web channel with all that they may show, in several languages, for whoever looks at them."""

from collections.abc import Mapping
from dataclasses import replace as replace_page
from datetime import UTC, date, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from bot.channels.web.port import (
    AnswerDraft,
    ConversationPage,
    FormMarks,
    FormProblem,
    InvitationPreview,
    NoticeKind,
    OpenQuestion,
    PageAuthor,
    PageButton,
    PageMessage,
    PageNotice,
    TryClock,
    TryPage,
)
from bot.channels.web.rendering import (
    conversation_page,
    forget_page,
    invitation_page,
    notice_page,
    try_page,
)
from flows.engine.effects import Option, Prompt, PromptKind
from flows.i18n.say import Sentence, say
from tests.support.mail_pages import mail_pages, opened_by_mail

LANGUAGES: Final = ("ar", "de", "en", "es", "fr", "it", "pt")
MARKS: Final = FormMarks(key="k7Qm", csrf="c-1")
MORNING: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Living with myeloma",
        "team": "The Myeloma Learning Team",
        "hello": "Thank you. Your words help doctors learn what matters to patients.\n\nYou can skip any question.",
        "how": "How have you been since your last visit?",
        "mine": "Mostly fine. The new tablets make me tired, though, and I did not dare to call.",
        "thanks": "Thank you for telling me.",
        "question": "When your treatment was chosen, how much did your doctors ask about your life at home?",
        "some": "A little",
        "much": "Quite a lot",
        "none": "Not at all",
        "unsure": "I do not remember, or somebody else spoke with the doctors for me",
        "low": "Not at all sure",
        "high": "Very sure",
        "consent": (
            "We would like to keep your answers for 24 months and to show some of them, without your name, to doctors "
            "who learn from them. You can take this back at any time.\n\nDo you agree to that?"
        ),
    },
    "de": {
        "title": "Leben mit Myelom",
        "team": "Das Lernteam Myelom",
        "hello": "Danke. Ihre Worte helfen Ärzten zu lernen, worauf es ankommt.\n\nSie können jede Frage überspringen.",
        "how": "Wie ist es Ihnen seit Ihrem letzten Termin gegangen?",
        "mine": "Meistens gut. Nur machen mich die neuen Tabletten müde, und ich habe nicht gewagt anzurufen.",
        "thanks": "Danke, dass Sie mir das sagen.",
        "question": "Wie viel wurden Sie nach Ihrem Leben zu Hause gefragt, als Ihre Behandlung ausgesucht wurde?",
        "some": "Ein wenig",
        "much": "Ziemlich viel",
        "none": "Gar nicht",
        "unsure": "Ich erinnere mich nicht, oder jemand anderes hat für mich mit den Ärzten gesprochen",
        "low": "Gar nicht sicher",
        "high": "Sehr sicher",
        "consent": (
            "Wir möchten Ihre Antworten 24 Monate lang aufbewahren und manche davon, ohne Ihren Namen, Ärzten zeigen, "
            "die daraus lernen. Sie können das jederzeit zurücknehmen.\n\nSind Sie damit einverstanden?"
        ),
    },
    "ar": {
        "title": "الحياة مع الورم النقوي",
        "team": "فريق التعلم",
        "hello": "شكرًا. كلماتك تساعد الأطباء على معرفة ما يهم المرضى.\n\nيمكنك تخطي أي سؤال.",
        "how": "كيف كان حالك منذ زيارتك الأخيرة؟",
        "mine": "بخير في الغالب. لكن الأقراص الجديدة تتعبني، ولم أجرؤ على الاتصال.",
        "thanks": "شكرًا لإخباري بذلك.",
        "question": "عند اختيار علاجك، إلى أي حد سألك أطباؤك عن حياتك في البيت؟",
        "some": "قليلًا",
        "much": "كثيرًا إلى حد ما",
        "none": "لا شيء",
        "unsure": "لا أتذكر، أو تحدث شخص آخر مع الأطباء نيابة عني",
        "low": "غير متأكد أبدًا",
        "high": "متأكد جدًا",
        "consent": (
            "نود الاحتفاظ بإجاباتك لمدة 24 شهرًا وعرض بعضها، من دون اسمك، على أطباء يتعلمون منها. "
            "يمكنك الرجوع عن ذلك في أي وقت. هل توافق على ذلك؟"
        ),
    },
}


def _words(language: str) -> Mapping[str, str]:
    """What is said in a language; in English where we have nothing in it."""
    return _WORDS.get(language, _WORDS["en"])


def history(language: str) -> tuple[PageMessage, ...]:
    """A short history: greeting, question, the person's words, thanks; the first a day before."""
    words = _words(language)
    bot, person = PageAuthor.BOT, PageAuthor.PERSON
    before = MORNING - timedelta(days=1)
    change = (PageButton(say(Sentence.BUTTON_CHANGE, language), "1.0.fff"),)
    return (
        PageMessage(name="1", author=bot, text=words["hello"], at=before, language=language),
        PageMessage(name="2", author=bot, text=words["how"], at=MORNING, language=language),
        PageMessage(
            name="3", author=person, text=words["mine"], at=MORNING + timedelta(minutes=2), buttons=change
        ),
        PageMessage(
            name="4", author=bot, text=words["thanks"], at=MORNING + timedelta(minutes=3), language=language
        ),
    )


def open_question(kind: PromptKind, language: str) -> OpenQuestion:
    """An open question of a kind, the third of twelve, with all that its kind may have."""
    words = _words(language)
    skip = Option(say(Sentence.BUTTON_SKIP, language), control=True)
    done = Option(say(Sentence.BUTTON_DONE, language), control=True)
    labels = [Option(words[key]) for key in ("none", "some", "much", "unsure")]
    options: tuple[Option, ...] = ()
    match kind:
        case PromptKind.SELECT_ONE:
            options = (*labels, skip)
        case PromptKind.SELECT_MANY:
            options = (labels[0], Option(words["some"], picked=True), *labels[2:], skip, done)
        case PromptKind.SCALE:
            options = (*(Option(str(step)) for step in range(11)), skip)
        case PromptKind.NUMBER:
            options = (*(Option(str(step)) for step in range(1, 9)), labels[3], skip)
        case PromptKind.CONSENT | PromptKind.CONFIRM:
            options = (Option(say(Sentence.YES, language)), Option(say(Sentence.NO, language)))
        case PromptKind.DATE | PromptKind.TEXT:
            options = (skip,)
        case PromptKind.SAY:
            pass
    prompt = Prompt(
        text=words["consent" if kind is PromptKind.CONSENT else "question"],
        kind=kind,
        ask=3,
        options=options,
        max_picks=3 if kind is PromptKind.SELECT_MANY else None,
        progress=(3, 12),
        low_label=words["low"] if kind is PromptKind.SCALE else None,
        high_label=words["high"] if kind is PromptKind.SCALE else None,
        earliest=date(2026, 3, 2) if kind is PromptKind.DATE else None,
        latest=date(2026, 9, 2) if kind is PromptKind.DATE else None,
        long_text=kind is PromptKind.TEXT,
        language=language,
    )
    return OpenQuestion(prompt=prompt, number=5, conversation=1, at=MORNING + timedelta(minutes=3))


def asking(kind: PromptKind, language: str) -> ConversationPage:
    """The page of a conversation that asks a question of a kind."""
    return ConversationPage(
        language=language,
        languages=LANGUAGES,
        messages=history(language),
        open_question=open_question(kind, language),
        older="/talk?before=1",
        newest=5,
        title=_words(language)["title"],
    )


def in_distress(language: str) -> ConversationPage:
    """The page that answers words of distress: help with numbers to call, and a button to go on."""
    care = say(Sentence.CARE_LINES, language, number="112", lines="0800 111 0 111, 988")
    mine = PageMessage(name="5", author=PageAuthor.PERSON, text="I can not go on")
    help_message = PageMessage(name="6", author=PageAuthor.BOT, text=care, language=language, is_help=True)
    go_on = Prompt(
        say(Sentence.CARE_AGAIN, language, number="112"),
        PromptKind.SELECT_ONE,
        4,
        options=(Option(say(Sentence.CARE_GO_ON, language)),),
        language=language,
    )
    return ConversationPage(
        language=language,
        languages=LANGUAGES,
        messages=(*history(language), mine, help_message),
        open_question=OpenQuestion(prompt=go_on, number=7, conversation=1),
        newest=7,
    )


def asking_with_help(language: str) -> ConversationPage:
    """The page that answers words of distress by help and a button in one message."""
    page = in_distress(language)
    assert page.open_question is not None
    help_message = page.messages[-1]
    prompt = replace(page.open_question.prompt, text=help_message.text)
    question = OpenQuestion(prompt=prompt, number=7, conversation=1, is_help=True)
    return ConversationPage(
        language=language,
        languages=LANGUAGES,
        messages=page.messages[:-1],
        open_question=question,
        newest=7,
    )


def idle(language: str, *, waiting: bool) -> ConversationPage:
    """A page on which nothing is open: all has been asked, or the answer is on its way."""
    return ConversationPage(
        language=language, languages=LANGUAGES, messages=history(language)[:3], waiting=waiting, newest=2
    )


def asked_elsewhere(language: str) -> ConversationPage:
    """The page of a question that another app asked, too."""
    page = asking(PromptKind.SELECT_ONE, language)
    assert page.open_question is not None
    return replace_page(page, open_question=replace_page(page.open_question, number=0, elsewhere=True))


def asks_address(language: str) -> ConversationPage:
    """The page on which nothing is open, and which asks for an e-mail address."""
    return replace_page(idle(language, waiting=False), gives_address=True, asks_address=True)


def preview(language: str) -> InvitationPreview:
    """An invitation that may tell all there is."""
    words = _words(language)
    return InvitationPreview(
        token="T0ken_-x",
        language=language,
        languages=LANGUAGES,
        title=words["title"],
        team=words["team"],
        contact="team@example.org",
        minutes=10,
    )


def trying(language: str) -> dict[str, str]:
    """The pages of somebody who tries the program, under their names."""
    roles = {"patient": "A patient, in an interview about care", "hcp": "A clinician"}
    fields = {"language": language, "roles": roles, "kept_in": "/home/somebody/said/data/said.sqlite"}
    moved = TryClock(now="Sun 29 Nov 2026, 12:00 GMT", due="Mon 14 Dec 2026, 12:00")
    wrong = TryClock(
        now="Sun 29 Nov 2026, 12:00 GMT", typed="nonsense", problem="That is not a time to come."
    )
    page = asking(PromptKind.SELECT_ONE, language)
    return {
        "try": try_page(TryPage(**fields), MARKS),
        "try-again": try_page(TryPage(**fields, begun=True), MARKS),
        "clock": conversation_page(replace_page(page, clock=moved), MARKS),
        "clock-wrong": conversation_page(replace_page(page, clock=wrong), MARKS),
    }


def every_page(language: str) -> dict[str, str]:
    """Every page that there is, in a language, under a name."""
    neutral = InvitationPreview(token="T0ken_-x", language=language, languages=LANGUAGES)
    whose = InvitationPreview(token="T0ken_-x", language=language, languages=LANGUAGES, asks_whose=True)
    wrong = FormMarks(key="k7Qm", csrf="c-1", problem=FormProblem.TOO_LONG, draft=AnswerDraft(words="x" * 40))
    unpicked = FormMarks(key="k7Qm", csrf="c-1", problem=FormProblem.NOTHING_PICKED)
    kinds = [kind for kind in PromptKind if kind is not PromptKind.SAY]
    return {
        **{kind.value: conversation_page(asking(kind, language), MARKS) for kind in kinds},
        "distress": conversation_page(in_distress(language), MARKS),
        "distress-asked": conversation_page(asking_with_help(language), MARKS),
        "idle": conversation_page(idle(language, waiting=False), MARKS),
        "waiting": conversation_page(idle(language, waiting=True), MARKS),
        "too-long": conversation_page(asking(PromptKind.TEXT, language), wrong),
        "unpicked": conversation_page(asking(PromptKind.SCALE, language), unpicked),
        "invitation": invitation_page(preview(language), MARKS),
        "neutral": invitation_page(neutral, MARKS),
        "whose": invitation_page(whose, MARKS),
        **trying(language),
        "by-mail": conversation_page(opened_by_mail(asking(PromptKind.SELECT_ONE, language)), MARKS),
        "elsewhere": conversation_page(asked_elsewhere(language), MARKS),
        "asks-address": conversation_page(asks_address(language), MARKS),
        **mail_pages(language),
        "forget": forget_page(language, LANGUAGES, MARKS),
        **{
            f"notice-{kind.value}": notice_page(
                PageNotice(kind=kind, language=language, languages=LANGUAGES, contact="team@example.org")
            )
            for kind in NoticeKind
        },
    }
