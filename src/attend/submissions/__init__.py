"""What was handed in: files, folders, zips, notebooks and the downloads of learning platforms."""

from attend.submissions.entry import GRADEBOOK, NOTES, BatchError, Entry, Intake, Person, PlatformRecord
from attend.submissions.intake import take_in
from attend.submissions.names import topic_of
from attend.submissions.platform_downloads import METADATA

__all__ = ["METADATA", "GRADEBOOK", "NOTES", "BatchError", "Entry", "Intake", "Person", "PlatformRecord"]
__all__ += ["take_in", "topic_of"]
