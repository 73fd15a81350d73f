"""What a student runs: check, watch, progress, the exercises in a page, doctor."""
