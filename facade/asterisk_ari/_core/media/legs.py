"""How the channels of audio streams are told from calls. Pure."""

LEG_KIND = "media"
MEDIA_LEGS = f"{LEG_KIND}-"
"""Ids of the channels begin with this, whichever client made them."""
