"""What was handed in: files, folders, zips, notebooks and the downloads of learning platforms."""

from attend.submissions.entry import GRADEBOOK, BatchError, Entry, Intake, Person
from attend.submissions.intake import find_entries, pick_file, take_in, topic_of
from attend.submissions.platform_downloads import METADATA

__all__ = ["METADATA", "GRADEBOOK", "BatchError", "Entry", "Intake", "Person"]
__all__ += ["find_entries", "pick_file", "take_in", "topic_of"]
