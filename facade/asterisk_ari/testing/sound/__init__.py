"""Audio as a function of time: sources, who speaks when, what of it is heard. Pure: no clock, no sockets."""
