"""Numbers with their nouns."""


def how_many(count: float, noun: str) -> str:
    """`1 page`, `2 pages`, `7.5 points`: for nouns whose plural ends in s."""
    return f"{count:.10g} {noun}{'s' * (count != 1)}"
