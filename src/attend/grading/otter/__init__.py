"""otter-grader as packager and runner: its parent process runs our graders, its kernel runs nothing."""
