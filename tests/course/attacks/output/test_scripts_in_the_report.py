"""A name that is a piece of a web page stays text in the report, in tags and in their attributes."""


def test_scripts_in_the_report(results):
    report = results.text("report.html")
    assert "<img src=x" not in report and "&lt;img src=x" in report
    assert '" onmouseover="' not in report
    assert "<script>alert" not in report
