"""The decision logic of the kits. Pure: no I/O, no clock, no threads."""
