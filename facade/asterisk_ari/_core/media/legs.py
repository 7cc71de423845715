"""How channels of audio streams are distinguished from calls. Pure."""

LEG_KIND = "media"
MEDIA_LEGS = f"{LEG_KIND}-"
"""The ids of these channels begin with this, whichever client created them."""
