"""Write to coordinators: alerts at once, and the texts of what they ask for."""
