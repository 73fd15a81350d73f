"""What the course is: its syllabus, its texts, its banks, and the files that it reads and writes."""
