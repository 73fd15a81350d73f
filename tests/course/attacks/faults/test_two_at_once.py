"""Two graders that write to one folder at the same time end with the same grades, none lost and none doubled."""


def test_two_at_once(start, slow_class, undisturbed):
    first, second = start(slow_class, "--jobs", 1), start(slow_class, "--jobs", 1)
    ends = [first.end(), second.end()]
    assert all("Traceback" not in error for _, error in ends), ends
    assert 0 in [code for code, _ in ends], ends
    third = start(slow_class, "--jobs", 1)
    assert third.end()[0] == 0
    assert third.rows() == undisturbed
