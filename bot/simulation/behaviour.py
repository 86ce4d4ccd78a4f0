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
    hears_second_alone: float = 0.3
    """Of people with an app and a mailbox, who look into the mailbox alone [made up]."""
    stops: float = 0.002
    """At each question, who write 'stop' [made up]."""
    edits: float = 0.01
    """At each typed reply, who edit it a little later [made up]."""
    tells_of_event: float = 0.1
    """Of patients, at each question under which they may, who tell of something unwanted beside a medicine [made up].

    So one in three interviews does."""
    tells_of_risk: float = 0.003
    """The same, of being at risk: one interview in a hundred [made up]."""
    medicine_weights: dict[str, float] = field(
        default_factory=lambda: {"no": 0.60, "yes": 0.15, "not_sure": 0.10, "no_medicine": 0.15}
    )
    """What is answered to the closed question whether anything got worse since a medicine was begun [made up]."""
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
