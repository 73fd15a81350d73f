"""A name in the mark-up of the terminal's library is printed as it is, and breaks no table."""


def test_mark_up_in_the_terminal(results):
    assert "[bold red]rich[link=x]" in results.printed
    assert "[[bold] [" in results.printed
