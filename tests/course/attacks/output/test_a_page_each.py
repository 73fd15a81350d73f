"""Names that differ only in characters that no file name can hold have pages of their own."""

from .conftest import NAMES


def test_a_page_each(results):
    assert len(results.pages) == len(NAMES)
    assert len({page.parent.name.lower() for page in results.pages}) == len(NAMES)
    for page in results.pages:
        assert page.resolve().is_relative_to(results.out.resolve())
        assert page.parent.parent == results.out / "feedback"
