"""Read what participants type: replies to questions, commands, languages, absences and link codes.

Public are `answers`, `commands`, `language_names`, `link_codes`, `absences`, `answer_quality` and `vocabulary`.

Public modules:

- `absences`: Read 'away until Monday' and 'on holiday until 3 August', in any language.
- `answer_quality`: Measure what a probe's rule may look at in an answer: its words, whether it gives a reason, how
  specific it is.
- `answers`: Read replies: from typed text to a value, one function for each kind of question.
- `choices`: Find the choice that a reply means.
- `commands`: Read the commands that work at every step (`skip`, `stop`, `my data`), in every language and with a
  slip.
- `dates`: Read dates as people type them, given today's date.
- `language_names`: Read wishes for a language: the word 'language', or with the name of one, in any language.
- `link_codes`: Read the codes and links that people write to come in: account-link codes, and invitations, however
  pasted.
- `number_words`: Read number words: cardinals and ordinals up to a hundred as num2words spells them, and what is made
  up of them.
- `numbers`: Read amounts as people type them: digits of any script, number words, ranges, open ends.
- `picks`: Find all the choices that a reply names: '1, 3', 'side effects and cost', 'both', 'none of these'.
- `places`: Read where somebody is, for their time zone: a city or a country in any of our languages, or what their
  clock says.
- `politeness`: Take away words of courtesy round a reply ('please', 'thank you'): they change nothing in what it
  means.
- `substance`: Tell words that say something from those that say nothing: thanks, 'yes', 'I do not know', numbers,
  signs alone.
- `vocabulary`: Load the small words that replies are made of: `flows/library/vocabulary/<language>.yaml`, read once.
"""

__all__ = [
    "absences",
    "answer_quality",
    "answers",
    "choices",
    "commands",
    "dates",
    "language_names",
    "link_codes",
    "number_words",
    "numbers",
    "picks",
    "places",
    "politeness",
    "substance",
    "vocabulary",
]
