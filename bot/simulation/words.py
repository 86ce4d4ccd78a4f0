"""What synthetic people write, and what it was meant to tell: the truth that a rehearsal's cases are held against.

The ordinary words are ours, and those of English-speaking people of `tests/data/ordinary_answers.yaml` that are not
sealed and name no other illness. Words of events and of risk are every sixth and every twentieth of the second reader's
English training phrases. None of what was added was written by whoever wrote the lists of the safety scan.
"""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Final

from bot.simulation.phrases import MORE_EVENTS


class Matter(StrEnum):
    """What words of a synthetic person were meant to tell."""

    EVENT = auto()
    """That a medicine may have done harm, was taken wrongly, did nothing or was faulty."""
    RISK = auto()
    """That they may be at risk."""
    ORDINARY = auto()
    """Neither: all that is not written to tell of it."""


EDITED_WORDS: Final = " Sorry, typing on my phone."
"""What somebody adds who edits an answer."""
ORDINARY_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "a3": (
        "We looked at my blood counts and the doctor said we stay on the same plan.",
        "It was short. I had a list of questions but we only got to two of them.",
        "My daughter came with me. She wrote everything down because I forget half of it.",
        "Fine.",
        "The nurse went through the tablets with me one by one, which helped a lot.",
        (
            "Went in tuesday for bloods and my monthly chat with Dr Okafor. Light chains are down "
            "again, she drew me a little graph on the back of an envelope. I've still got the "
            "envelope."
        ),
        (
            "omg waited 2 hrs 20 mins for a 6 min injection lol. my phone died, the tv was on the "
            "gardening channel, I now know everything about hydrangeas"
        ),
        (
            "I am on watch and wait, so the visit was blood, urine jug (the famous orange jug in my "
            'fridge, my grandson thought it was juice), and "see you in four months".'
        ),
        (
            "My mother's the patient. English is her second language and we had the interpreter on an "
            "iPad that kept freezing, pobrecita, she was answering the wrong question half the time. "
            "We got through it. Labs fine, next cycle Monday."
        ),
    ),
    "a3_more": (
        "The part about the new tablets, since I did not know why they were changed.",
        "That nobody asked how I sleep.",
        "The nurse took her time.",
        "the graph. honestly. Three years of people reading numbers at me and nobody ever drew it before",
        "That she asked the hard question like it was a normal question. No hush voice.",
    ),
    "a4": (
        "The nurse explained the blood test in plain words.",
        "I got an appointment within a week.",
        "They called me back the same day.",
        "Nothing much.",
        "My doctor asked what I want to be able to do this summer.",
        "She sat down. Sounds daft but she pulled the chair round to my side of the desk.",
        "She didnae lecture me about the scones",
        (
            "the injection nurse Marisol is a literal angel, didn't feel a thing, no side effects so "
            "far touch wood"
        ),
        "20 min slot instead of 10. Felt like a person",
        (
            "The registrar had actually read my notes. I did not have to tell the story of my "
            "collarbone again."
        ),
        "The social worker found us the ride program",
    ),
    "a5": (
        "That being tired all day is not the same as being sleepy.",
        "That my family doctor and the hospital talk to each other.",
        "I wanted to hear what happens if the treatment stops working.",
        "Side effects.",
        "That the drive takes two hours and I cannot come every week.",
        "Parking. £7.40 for four hours and the machine eats your coins. Other than that nowt.",
        (
            "Phone system is murder. Number 23 in the queue at 8am, by the time you're through all the "
            "appointments are away."
        ),
        "text me when they're running late!! my hairdresser can do it",
        (
            "The questionnaire on the tablet in the waiting room, with a man reading over my shoulder. "
            "Give us a bit of privacy."
        ),
        (
            "Send the results before the appointment so I can panic at home in private rather than in "
            "front of people."
        ),
        "Book a live interpreter. Mija here gets tired of being one.",
    ),
    "a5_more": (
        "Because I did not dare to bring it up myself.",
        "Because I could have started the exercises sooner.",
        "So that I can plan my weeks with my family.",
        "I'm 44 with two kids in school, 2 hours is a whole afternoon of pickup favors from other moms",
        (
            "Because scanxiety is real. The week before, I'm a bear with a sore head and my husband "
            "hides in the shed."
        ),
        "because I leave stuff out when it's scary and then it's on me",
    ),
    "a6_other": (
        "A place to park.",
        "Help with forms.",
        "Getting there.",
    ),
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
        (
            'Bone pain isn\'t just "getting old". I was told for 8 months it was my age, my job, my '
            "mattress, my bad posture, and I bought two mattresses, a special chair and a dog I was "
            "meant to walk, before anyone thought of a five minute blood test. Kept the dog, mind. "
            "Best thing to come out of it."
        ),
        "Not everyone with myeloma is 75 and retired",
        (
            '"Smouldering" is a terrible word to give to a frightened woman at 4 in the afternoon. '
            "Pick another."
        ),
        "Ask who's cooking, who's driving, who's translating",
    ),
    "c4": (
        "I will ask every patient on bortezomib about numbness at each visit, starting Monday.",
        "Ask about tiredness with a 0 to 10 score.",
        "I will send each patient a one-page plan after the visit, from next week, and count them.",
        "Before I change a line of treatment I will ask the patient what matters most to them.",
        "Have my patients say the plan back to me before they leave.",
        "Give every new family the name and number of our nurse.",
        (
            "Ask every patient on bortezomib the same three neuropathy questions before I sign the "
            "order. All of them, not just the ones who look uncomfortable."
        ),
        (
            "As a pharmacist: check bisphosphonate patients for a dental review and renal function "
            "before each dose, and go through what side effects to report."
        ),
        (
            "Pain. I'm going to ask about pain at rest and pain on movement separately, with every "
            "patient who has lytic lesions."
        ),
        "Screen for distress with the thermometer at diagnosis, after transplant and at relapse.",
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
        "When I open the chemo order set, before I click verify.",
        "When the prescription drops into my verification queue",
        "While I'm doing the obs, after temp",
        "When the pt checks in, front desk hands it over with the pen",
    ),
    "c9a": (
        "I will ask the nurse to do it before I come in.",
        "I will put a note on the door.",
        "I will do it at the next visit instead.",
        "Have the MA ask while rooming and put the answers on the sheet.",
        "Phone the surgery directly, keep a shared spreadsheet.",
        "I'll delete one. Nobody will miss the foot size box.",
        "Put a one-line prompt on the obs chart, and do a two-minute teach at handover",
        "I'd sit with them that day, 15 min, and loop in our chaplain or SW.",
    ),
    "c2a": (
        "That our one-page plan is worth the time.",
        "That asking about neuropathy early is right.",
    ),
    "f0_team": (
        "The Tuesday team",
        "Myeloma nurses of the region",
        "The course office",
    ),
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
    "f5_more": (
        "It would have been about drugs alone.",
        "Nobody would have asked about sleep.",
    ),
    "f7": (
        "We asked too late, so they had little time.",
        "The room was hard to reach for one of them.",
    ),
    "f8": (
        "Ask early, pay, and send the slides a week before.",
        "Start with one person and listen.",
    ),
    "f9_change": (
        "There were three of us, not two.",
        "Say that we chose the topic ourselves.",
    ),
    "d3_other": (
        "We moved to a new building.",
        "I was on leave.",
    ),
    "d4": (
        "The nurse reminds me.",
        "A line in the visit template.",
        "Patients bring it up themselves by now.",
        (
            "The MA made a laminated card. That card did more than any lecture, any email from quality "
            "improvement, and the lunch-and-learn with the cold pizza put together. What got in the "
            "way was Thursdays, because on Thursdays she is off and the card walks home with her in "
            "her scrub pocket."
        ),
        "IT built it in a day, which must be a hospital record",
        "Spreadsheet. And a receptionist called Jean who answers on the second ring.",
        "What helped was having a rhyme for it, embarrassing but true",
        "Ward sister backed it.",
        "Birth month recall is genius, whoever thought of it deserves a pay rise",
        "Our SW moved her office next to clinic. Proximity, not policy.",
    ),
    "d5": (
        "I gave out a printed sheet instead.",
        "Our nurse asks, and I read her note.",
    ),
    "d6_words": ("I will ask about numbness in patients on their second cycle, from next month.",),
    "d6_if_then": ("When I see a patient for the second cycle, I will ask about numbness.",),
    "e5_better": (
        "The nurse asks about my hands now, every time.",
        "I got the plan on one page, that made it clear.",
        "They talk to each other now.",
    ),
    "e5_better_more": ("The nurse started it, I think.",),
    "e5_change": (
        "Not much has changed yet. I still wait long.",
        "They could call me back.",
    ),
    "e5_change_more": ("It is the waiting that should change.",),
    "d7_text": (
        "They call earlier when something changes.",
        "Fewer dose stops, it seems to me.",
    ),
    "c9_other": (
        "Twelve patients before noon",
        "Dental letters come by post, if the pigeon survives",
        "the template has 43 boxes already",
        "Short staffing; agency nurses who don't know the tool",
        "What do we do with a score of 8? Psych wait is 9 weeks",
    ),
    "d11": (
        (
            'I do ask it now, maybe 8 out of 10 visits. Answers so far all "no", and I\'ve got a '
            "baseline written down for everyone."
        ),
        "Doing it. Nothing found so far, which is a finding",
        "Prompt is on the chart. Night shift use it more than days do, go figure.",
        "Desk hands it out. I read them. That second part is the real change.",
    ),
}
"""By question key."""
ANY_WORDS: Final = ("It depends.", "Nothing to add.", "I would have to think about that.")
"""For a question without words of its own."""
EVENTS: Final = (
    *MORE_EVENTS,
    "They told me the numbers were good, but my feet have been numb for weeks and nobody asked.",
    "I wish someone had asked about the tingling in my hands before it got bad.",
    "rash on both arms again",
    "took two instead of one on sunday, dizzy all day",
    "nosebleed wouldn't stop for like 40 min",
    "Dad has been seeing cats on the curtain rail ever since they put him on the new patch.",
    "Constipated. Ten days. Do the sums.",
    "My skin peels off the soles of my feet in sheets.",
    "Tired. Just bone tired.",
    "Inhaler's useless, I wheeze exactly as before.",
    "Threw up in the car. Threw up at work. Threw up in the lift.",
    "pee is orange?? is that the pill",
    "They gave me someone else's bag of tablets at discharge and I took them for two days.",
    "The baby was small and came five weeks early; I had been taking it throughout.",
    "stopped cold turkey, didnt sleep for 5 nights, felt like ants under the skin",
    "jaw hurts, dentist says the bone is showing",
    "blood in the toilet bowl this morning",
    "The sensor peeled off my skin and took a layer with it.",
    "everything tastes like soap even water",
    "He had a bleed in the brain, my uncle, on that same blood thinner.",
    "cartridge was cloudy, used it anyway, sugars all over the place",
    "Pins and needles, feet.",
    (
        "Well dear, ever since the new tablet came in the blue box I have been up to the lavatory "
        "six times a night and my poor husband says he may as well sleep in the shed."
    ),
    "it feels as though somebody has wrapped my toes in wet newspaper",
    "bruises like a dropped peach",
    "doesn't touch the pain, hen, might as well be sweeties",
    "blurry, can't read the hymn book",
    (
        "My neighbour gave me one of her sleeping pills, kindly meant, and I did not wake until "
        "the following afternoon."
    ),
    "heart goin like a bucking horse whenever I use that blue inhaler",
    "cramps in the calves that would make a bishop swear",
    "chemist gave me the ten milligram instead of the one, I took them for nine days",
    "itching, mostly the palms",
    "the cough, that dry tickle, every blessed night since ramipril",
    "jaw won't heal where they took the tooth out. It's the bone drip, the dentist says",
    "Some dizziness, some nausea",
    (
        "Patient (f, 74) developed confusion and low sodium ten days after citalopram start, I am "
        "her district nurse."
    ),
    "ran out for a week and the fits came straight back",
    "liver numbers up",
    (
        "well now let me think, there was the business with my stomach, and then the funny turn at "
        "my sister's, and my eyes watering all the time so folk think I'm crying, and it all came "
        "after that new capsule if I'm honest"
    ),
    "nothing works for my pain, ye could gie me the whole chemist's shop",
    "woke up on the kitchen floor with the kettle boiled dry",
    "a hearing loss that came on after the drip antibiotics, and I sang in the choir, so you may imagine",
    "ngl these new pills got me walking into doors",
    "pen jammed. sugars 21. brilliant",
    "is anyone else seeing rainbows round streetlights",
    (
        "I was doing a school run, three kids in the back, and between one roundabout and the next "
        "I just wasn't there, no memory of it at all, ended up outside the old house we moved from "
        "in 2019, and that was day four of the higher dose"
    ),
    "feel like a phone on 2% all day",
    "gums bleeding on my toast",
    "heart doing somersaults on the sofa",
    "cough cough cough since the blood pressure one",
    "blind in one eye for like ten seconds??",
    "rigors in the chair, nurses ran",
    "CGM said 6.4, finger said 2.2, nearly passed out driving",
    "fuzzy head, wobbly legs",
    "toenails went black and dropped off",
    "Fainted getting out the bath",
    "pulse 43 at rest, should I worry",
    "hands peel n crack",
    "weird one but I yawn constantly",
    "kept dropping my chopsticks, whole right hand weak for an hour",
    "everything's got a yellow tinge, is that normal??",
    "i forget to breathe when im falling asleep on these, gf keeps nudging me",
)
"""What patients write who tell of an event, under whatever open question."""
RISKS: Final = (
    "I don't want to be here any more.",
    "I can't see a future with me in it.",
    "There are moments when the window on the fourth floor looks very inviting to me.",
    "I stopped all my heart tablets on purpose. Let nature get on with it.",
    "The world can do without me.",
    "nobody needs me here",
    "I have had a good innings and I should quite like it to stop now.",
    (
        "Thank you all for your kindness, you've been very good to me. I shan't be needing the "
        "next appointment, or any other."
    ),
    "My grandson found me. I told him it was a mistake with the boxes. It was not a mistake.",
    "To be frank I am envious of the dead.",
    "it's no livin this",
    "I used to love my garden and now I think only of lying under it.",
    "don't wanna wake up tbh",
    "I've stopped eating on purpose, it's slow but it's a way out",
    "it's selfish but i just want to be dead",
    "had the lot on saturday, threw up, went to work monday",
    "i deserve pain so i make some",
    "gave my guitar away, won't be needing it",
)
"""What patients write who may be at risk."""
HEALTH_QUESTIONS: Final = frozenset({"a3", "a5", "a8_missing", "a9", "e5_change"})
"""Questions under which patients may tell of an event or of being at risk."""
MEDICINE_QUESTIONS: Final = frozenset({"a12", "e7"})
"""The closed questions, one of each script, whether anything got worse since a medicine was begun."""
_MEANT: Final = {
    **dict.fromkeys(EVENTS, Matter.EVENT),
    **dict.fromkeys(RISKS, Matter.RISK),
}


def told_by(words: str) -> Matter:
    """Return what words that a synthetic person wrote were meant to tell.

    >>> told_by("cough cough cough since the blood pressure one" + EDITED_WORDS).value
    'event'
    """
    return _MEANT.get(words.removesuffix(EDITED_WORDS), Matter.ORDINARY)
