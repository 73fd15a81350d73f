"""A digest of what a topic's grades depend on besides the submission."""

import hashlib

from attend.course.syllabus import Course, Topic


def grader_digest(course: Course, topic: Topic) -> str:
    """A digest of all that a topic's grades depend on besides the submission."""
    exercises = [(each.name, each.points, each.target, each.builds_on) for each in topic.exercises]
    rules = [course.version, course.input_seed, course.grading, course.policy.reference_classes]
    rules += [course.example_points > 0]
    digest = hashlib.sha256(":".join(map(str, [*rules, topic.slug, topic.library, exercises])).encode())
    small = course.small_calls(topic)
    for path in (course.graders(topic), course.solution(topic), course.misconceptions(topic), small):
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()
