"""The running system: Redis, scheduler and workers as processes, and what they take."""
