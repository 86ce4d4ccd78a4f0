"""Say a sentence of a mail in the language of whoever gets it."""

from flows.i18n.catalogs import mail_sentence_in
from flows.i18n.mail_messages import MailSentence

__all__ = ["MailSentence", "say_in_mail"]


def say_in_mail(sentence: MailSentence, language: str, **fields: str) -> str:
    """Return the sentence in the language (in English where it has none), with its fields filled in.

    Raises:
        KeyError: A field is missing; that is a mistake in the program, and a test finds it.
    """
    template = mail_sentence_in(sentence, language)
    return template.format_map(fields) if fields else template
