"""How channels of audio streams are distinguished from calls. Pure."""

LEG_KIND = "media"
MEDIA_LEGS = f"{LEG_KIND}-"
"""Ids of the channels begin with this, whichever client made them."""
