"""What a class handed in: folders, and the downloads of learning platforms."""

from attend.intake.downloads import METADATA
from attend.intake.entry import GRADEBOOK, BatchError, Entry, Intake, Person
from attend.intake.taking import find_entries, pick_file, take_in, topic_of

__all__ = ["METADATA", "GRADEBOOK", "BatchError", "Entry", "Intake", "Person"]
__all__ += ["find_entries", "pick_file", "take_in", "topic_of"]
