"""Compute when something is due and whether a participant may be contacted, from a given now.

Public modules:

- `business_days`: Compute business days of a country, and when a safety report is due, from a given moment.
- `contact_policy`: Decide whether a participant may be contacted now: the contact policy, asked whenever a timer is
  due.
- `local_time`: Compute local times from a given now.
- `queue_order`: Keep the order of what is put off to one moment, in the fraction of the second from which it is due
  again.
- `wave_plans`: Compute when the waves of a commitment are due, also of one that starts late.
- `time_zones`: Choose the time zones that somebody in one of some countries may be in, and name the city of one.
"""

__all__ = ["business_days", "contact_policy", "local_time", "queue_order", "time_zones", "wave_plans"]
