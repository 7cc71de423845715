"""Audio as a function of time: sources, who speaks when, and what is heard. Pure: no clock, no sockets."""
