"""A name of several lines makes no line of its own: not in the table, not on a page, not in the terminal."""


def test_lines_in_a_name(results):
    assert "\nGRADER" not in results.printed
    for page in results.pages:
        assert "\nGRADER" not in page.with_suffix(".md").read_text()
    assert not [line for line in results.text("grades.csv").splitlines() if line.startswith("GRADER")]
