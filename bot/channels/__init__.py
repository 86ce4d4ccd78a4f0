"""Speak with the platforms: `base` is their contract, which `telegram`, `slack`, `web`, `email` and `terminal` keep.

`home` is what Home tabs show, `hearing` remembers when a platform was last heard, and `presence` who is on a page.
`message_numbers` names what pages and mails show. `page_guards` and `request_limits` guard whatever is served to
browsers, `webhook_request` reads what is posted, and `page_languages` in which languages pages are wished for. A
channel knows neither storage nor another channel.
"""

__all__ = [
    "base",
    "email",
    "hearing",
    "home",
    "message_numbers",
    "page_guards",
    "page_languages",
    "presence",
    "request_limits",
    "slack",
    "telegram",
    "terminal",
    "web",
    "webhook_request",
]
