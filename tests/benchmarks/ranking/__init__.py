"""The ranking benchmark: rolling cuts in time, every baseline on the same lists."""
