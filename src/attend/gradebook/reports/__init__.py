"""What people read: a page a student, and the class on one page."""
