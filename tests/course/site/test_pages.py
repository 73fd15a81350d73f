"""The site in a real browser."""


def test_home_page_opens(page, server):
    """The first page has its title."""
    page.goto(f"{server}/")
    assert "Attend" in page.title()
