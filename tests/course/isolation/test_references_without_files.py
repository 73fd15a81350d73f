"""Where a worker can open no file, every topic is graded as elsewhere: all that a request needs was imported before."""

import pytest

from attend.grading.course_grader import Lane
from attend.sandbox.probe import probe

from ..common import COURSE, HAS_TORCH
