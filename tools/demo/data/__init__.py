"""What is there before the story begins; kept as a template by ``make demo``."""
