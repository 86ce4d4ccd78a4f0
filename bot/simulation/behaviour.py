"""How synthetic participants behave: one small table, whose defaults are figures that the field has published.

Nothing here claims to be data about anyone. It makes a database full enough to look at, rehearse and test.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How synthetic participants behave: probabilities from 0 to 1, and times in seconds as (least, most).

    Sources stand beside each; one marked [made up] has none.
    """

    starts: float = 0.85
    """Of those invited, who open the link [made up]."""
    agrees: float = 0.95
    """Of each consent asked, how many say yes [made up]."""
    breaks_off: float = 0.018
    """At each question. By SMS, 370 of 461 (80 %) finished 17 to 30 questions: https://pubmed.gov/28537527/."""
    out_of_format: float = 0.22
    """Replies that are typed where a tap was offered. By SMS in rheumatoid arthritis 78 % came in the format
    asked for: https://paperexplained.cn/articles/paper/detail/5dd1ee2c545c266d5e919f0643ea08c5862e8962."""
    commits: float = 0.87
    """Of clinicians, who say that they will change something. 271 of 313 (86.6 %) in a COPD programme:
    https://pmc.ncbi.nlm.nih.gov/articles/PMC3538496/."""
    adds_another: float = 0.45
    """After each commitment [made up]: about two of the three allowed."""
    answers_wave: float = 0.334
    """At the first message of a wave. With two reminders it comes to 53 %, the median of six published
    response rates of committers (22 to 75 %), Lockyer 2001 among them
    (https://www.ncbi.nlm.nih.gov/pubmed/11420869)."""
    answers_reminder: float = 0.16
    """At each reminder, of those still missing. 12 to 20 % in a cohort of 11,100, by e-mail: Analyticsphere,
    metricsReportsRequests, Baseline Module Completion vs Emails (2024)."""
    stops: float = 0.002
    """At each question, who write 'stop' [made up]."""
    edits: float = 0.01
    """At each typed reply, who edit it a little later [made up]."""
    tap_seconds: tuple[int, int] = (4, 25)
    """An ordinary item takes about 10 s and an open one minutes: https://www.pewresearch.org/decoded/2022/12/08/."""
    typing_seconds: tuple[int, int] = (20, 150)
    """See `tap_seconds`."""
    status_weights: dict[str, float] = field(
        default_factory=lambda: {
            "full": 0.60,
            "partial": 0.16,
            "planned": 0.10,
            "modified": 0.04,
            "not_applicable": 0.04,
            "dropped": 0.03,
            "already": 0.03,
        }
    )
    """What is reported. 66.5 % of the statements followed up were fully implemented in Lockyer 2001;
    the rest of the table is [made up]."""


ZONES = (
    "Europe/Vienna",
    "Europe/London",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Australia/Adelaide",
    "America/St_Johns",
)
"""Where the synthetic people live: whole, half-hour and summer-time offsets."""

WORDS: dict[str, tuple[str, ...]] = {
    "a3": (
        "We looked at my blood counts and the doctor said we stay on the same plan.",
        "It was short. I had a list of questions but we only got to two of them.",
        "My daughter came with me. She wrote everything down because I forget half of it.",
        "Fine.",
        "They told me the numbers were good, but my feet have been numb for weeks and nobody asked.",
        "The nurse went through the tablets with me one by one, which helped a lot.",
    ),
    "a3_more": (
        "The part about the new tablets, since I did not know why they were changed.",
        "That nobody asked how I sleep.",
        "The nurse took her time.",
    ),
    "a4": (
        "The nurse explained the blood test in plain words.",
        "I got an appointment within a week.",
        "They called me back the same day.",
        "Nothing much.",
        "My doctor asked what I want to be able to do this summer.",
    ),
    "a5": (
        "I wish someone had asked about the tingling in my hands before it got bad.",
        "That being tired all day is not the same as being sleepy.",
        "That my family doctor and the hospital talk to each other.",
        "I wanted to hear what happens if the treatment stops working.",
        "Side effects.",
        "That the drive takes two hours and I cannot come every week.",
    ),
    "a5_more": (
        "Because I did not dare to bring it up myself.",
        "Because I could have started the exercises sooner.",
        "So that I can plan my weeks with my family.",
    ),
    "a6_other": ("A place to park.", "Help with forms.", "Getting there."),
    "a8_missing": (
        "I did not know whom to call at night.",
        "I left without knowing if I should keep taking the old tablets.",
        "A page with the plan on it would have helped.",
    ),
    "a9": (
        "Ask about side effects every time, even when the numbers look good.",
        "We know our bodies. Please listen before you look at the screen.",
        "Tell us the plan on one page.",
        "Talk to my husband too.",
    ),
    "c4": (
        "I will ask every patient on bortezomib about numbness at each visit, starting Monday.",
        "Ask about tiredness with a 0 to 10 score.",
        "I will send each patient a one-page plan after the visit, from next week, and count them.",
        "Before I change a line of treatment I will ask the patient what matters most to them.",
        "Have my patients say the plan back to me before they leave.",
        "Give every new family the name and number of our nurse.",
    ),
    "c4_more": (
        "for patients in my Tuesday clinic",
        "with every newly diagnosed patient",
        "starting with the next clinic",
    ),
    "c5": (
        "When I see a patient for a new cycle, I will ask about hands and feet first.",
        "When I open the chart, I will note the tiredness score before anything else.",
        "When I see a family for the first time, I will write down our number.",
    ),
    "c9a": (
        "I will ask the nurse to do it before I come in.",
        "I will put a note on the door.",
        "I will do it at the next visit instead.",
    ),
    "c2a": ("That our one-page plan is worth the time.", "That asking about neuropathy early is right."),
    "f0_team": ("The Tuesday team", "Myeloma nurses of the region", "The course office"),
    "f1": (
        "A webinar on living with myeloma in spring, for nurses.",
        "Our yearly course on side effects, for junior doctors.",
        "A round table on choosing together, for the whole clinic.",
    ),
    "f4": (
        "Through a patient group. We met them twice before, and they were paid.",
        "One of us asked in the clinic. They got travel costs only.",
    ),
    "f5": (
        "We dropped half of the slides and gave the time to questions.",
        "The case is now told by the person who lived it.",
        "The hand-out is in plain words.",
    ),
    "f5_more": ("It would have been about drugs alone.", "Nobody would have asked about sleep."),
    "f7": ("We asked too late, so they had little time.", "The room was hard to reach for one of them."),
    "f8": ("Ask early, pay, and send the slides a week before.", "Start with one person and listen."),
    "f9_change": ("There were three of us, not two.", "Say that we chose the topic ourselves."),
    "d3_other": ("We moved to a new building.", "I was on leave."),
    "d4": (
        "The nurse reminds me.",
        "A line in the visit template.",
        "Patients bring it up themselves by now.",
    ),
    "d5": ("I gave out a printed sheet instead.", "Our nurse asks, and I read her note."),
    "d6_words": ("I will ask about numbness in patients on their second cycle, from next month.",),
    "d6_if_then": ("When I see a patient for the second cycle, I will ask about numbness.",),
    "e5_better": (
        "The nurse asks about my hands now, every time.",
        "I got the plan on one page, that made it clear.",
        "They talk to each other now.",
    ),
    "e5_better_more": ("The nurse started it, I think.",),
    "e5_change": ("Not much has changed yet. I still wait long.", "They could call me back."),
    "e5_change_more": ("It is the waiting that should change.",),
    "d7_text": ("They call earlier when something changes.", "Fewer dose stops, it seems to me."),
}
"""What synthetic people type, by question key; our own words."""

ANY_WORDS = ("It depends.", "Nothing to add.", "I would have to think about that.")
"""For a question without words of its own."""
