"""A line of the file is data to the templates, not a template."""

ATTACK = """
x = = "{{ 7 * 7 }} {% include 'report.html' %} ${7*7} {{ grade.points.__class__ }}"
"""


def test_template_in_the_file(attack):
    verdict = attack(ATTACK).fails_whole("{{ 7 * 7 }}")
    assert "49" not in verdict.pages["md"].replace("2026", "").split("Graded by")[0].split("Student:")[1]
