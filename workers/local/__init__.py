"""newsmill on one machine: `newsmill run`, its Redis, its processes and its demo, and `newsmill try`."""
