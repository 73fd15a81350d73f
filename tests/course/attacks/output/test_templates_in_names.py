"""A name in the language of the templates is not run by them."""


def test_templates_in_names(results):
    page = next(page for page in results.pages if "7*7" in page.read_text())
    assert "{{ 7*7 }}{% raw %}" in page.read_text()
