# Otter refuses to run without a test. Grading is done by the plugin (attend.grading.otter.plugin), which puts its
# results in place of this one's.
from otter.test_files import test_case

OK_FORMAT = False
name = "placeholder"
points = 0


@test_case()
def test_placeholder():
    pass
