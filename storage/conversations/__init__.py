"""Keep conversations and the messages that move them.

A message comes in by `inbox`, is played to a record of `conversations`, and what comes of it is collected and committed
by `writes`; `outbox` holds what goes out, `contact_log` why something was sent or not.
"""
