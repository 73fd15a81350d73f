"""Run a student's code in a process of its own: zygote, worker, jail and the wire between them."""
