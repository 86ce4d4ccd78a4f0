"""List all that a mail says, and the pages behind its links of the mail's own, in English.

A mail may be read over somebody's shoulder, and its first words stand on a locked screen: so no sentence names a
program, a role, a condition or what is asked. Other languages are in `flows/library/translations`, in the file `mail`.
"""

from collections.abc import Mapping
from enum import Enum, unique
from typing import Final


@unique
class MailSentence(Enum):
    """The sentences of mails: the name is the context in the PO files, the value the English."""

    # Something waits.
    QUESTION_SUBJECT = "A question is waiting for you"
    QUESTION_TEXT = "There is a question for you. You can answer it here:"
    MESSAGE_SUBJECT = "A message is waiting for you"
    MESSAGE_TEXT = "There is a message for you. You can read it here:"
    OPEN = "Open"
    LINK_IS_YOURS = (
        "This link is for you alone, for 30 days or until our next mail. Please do not pass this mail on."
    )
    NO_REPLIES = "Nobody reads replies to this mail."
    NO_MORE = "No more mails:"
    # An invitation.
    INVITED_SUBJECT = "An invitation for you"
    INVITED_TEXT = "We would like to hear from you. Who asks, and what it is about, you can read here:"
    INVITED_LINK = "This link is for you alone. Please do not pass this mail on."
    INVITED_IGNORE = "Nothing begins by opening it. If you do not want to take part, you need do nothing."
    INVITED_OVER = "The invitation that came with that mail has ended, too."
    # An address is confirmed.
    CONFIRM_SUBJECT = "Please confirm your e-mail address"
    CONFIRM_TEXT = "This address was given to us, so that we may write to you here. Please confirm it:"
    CONFIRM = "Confirm"
    CONFIRM_IGNORE = "If that was not you, do nothing: we then delete the address after three days."
    CONFIRM_ASK = "Is this your e-mail address, and may we write to you there?"
    CONFIRMED = "Thank you. Your address is confirmed."
    ADDRESS_TAKEN = (
        "Somebody gave us this address just now. We already write here to somebody who takes part. Was it not the same"
        " person? Then please give us another address."
    )
    # A code.
    CODE_SUBJECT = "Your code"
    CODE_TEXT = "Your code is {code}. It is good for 15 minutes."
    CODE_IGNORE = "If you did not ask for it, do nothing, and give it to nobody."
    CODE_TITLE = "To see or delete what you told us"
    CODE_WHY = "This link opens the question alone. For all else we send a code to your e-mail address."
    CODE_SEND = "Send me a code"
    CODE_LABEL = "The code from the mail"
    CODE_GO = "Go on"
    CODE_WRONG = "That is not the code. Please look at it once more, or ask for a new one."
    CODE_NOT_SENT = "No code could be sent just now. Please try again later."
    CODE_NEEDED = "For that I need a code first. You find it on this page: “{title}”."
    CODE_TAKES_OVER = (
        "Somebody else has talked with me here before. Once you go on, nobody can read that here any more."
    )
    # Mails are ended.
    UNSUBSCRIBE_TITLE = "Mails from us"
    UNSUBSCRIBE_ASK = "Shall we send no more mails to this address?"
    UNSUBSCRIBE = "No more mails"
    UNSUBSCRIBED = "We send no more mails to this address."
    STOP_ASK = "Do you want to end all of it, and hear no more from us anywhere?"
    STOP = "Stop all of it"
    STOPPED = "We have stopped, and will not write to you again."
    LINK_OVER = "This link is not good any more."
    WORDS_KEPT = "Your words were not sent. Here they are, so that you can copy them:"
    # The page asks for an address.
    ASK_ADDRESS = "To ask you again later, we need your e-mail address. Without it we cannot ask you again."
    ASK_LABEL = "Your e-mail address"
    ASK_BUTTON = "Send me a mail to confirm it"
    ASK_SKIP = "Not now"
    ASK_UNREADABLE = "That does not look like an e-mail address. Please look at it once more."
    ASK_TOO_OFTEN = "We have sent a few mails already. Please try again tomorrow."
    OWN_ADDRESS = "E-mail address: {address}"
    OWN_ADDRESS_WAITS = "E-mail address, not confirmed yet: {address}"
    ASK_SENT = "We are sending a mail to that address. Please open the link in it."


MAIL_NOTES: Final[Mapping[MailSentence, str]] = {
    MailSentence.QUESTION_SUBJECT: "stands on locked screens: no word of health, studies or roles",
    MailSentence.QUESTION_TEXT: "stands on locked screens: no word of health, studies or roles",
    MailSentence.MESSAGE_SUBJECT: "stands on locked screens: no word of health, studies or roles",
    MailSentence.MESSAGE_TEXT: "stands on locked screens: no word of health, studies or roles",
    MailSentence.INVITED_SUBJECT: "stands on locked screens: no word of health, studies or roles",
    MailSentence.INVITED_TEXT: "stands on locked screens: no word of health, studies or roles",
    MailSentence.CODE_TEXT: "{code} is six digits",
}
"""What a translator should know of a sentence."""
