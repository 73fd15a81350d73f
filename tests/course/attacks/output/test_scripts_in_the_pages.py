"""The same holds for every student's own page, in HTML and in Markdown."""

import re


def test_scripts_in_the_pages(results):
    for page in results.pages:
        html, text = page.read_text(), page.with_suffix(".md").read_text()
        assert "<img src=x" not in html and '" onmouseover="' not in html and "<script>alert" not in html
        assert not re.search(r"(?<!\\)<img", text) and "**bold** [now]" not in text
        assert "\x1b" not in html + text
