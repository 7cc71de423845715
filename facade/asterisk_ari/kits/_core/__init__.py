"""What the kits decide. Pure: no I/O, no clock, no threads."""
