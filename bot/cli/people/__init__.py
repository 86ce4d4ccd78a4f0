"""Commands about people: invitations, participants and what was sent to them, coordinators of the team."""
