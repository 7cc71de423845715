"""Playbacks, recordings, DTMF and talking: what takes time on a channel."""
