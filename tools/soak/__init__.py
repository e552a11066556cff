"""A soak: whole leavings while workers are killed and paused and their database goes away, judged by the sandbox."""
