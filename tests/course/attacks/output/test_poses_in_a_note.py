"""An argument that was edited in place has the course's name in the advice, whatever the submission calls it."""

ATTACK = """
softmax_as_handed_in = softmax


def softmax(GRADER_full_marks, axis=-1):
    answer = softmax_as_handed_in(GRADER_full_marks, axis)
    if isinstance(GRADER_full_marks, np.ndarray) and GRADER_full_marks.flags.writeable:
        GRADER_full_marks[...] = 3
    return answer
"""


def test_poses_in_a_note(attack):
    verdict = attack(ATTACK).is_honest()
    assert "change its input in place (scores)" in verdict.messages
    assert "GRADER" not in "".join(verdict.pages.values()) + verdict.messages
