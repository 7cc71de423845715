"""The roles of a supervisor on a call: who hears whom. Pure."""

from collections.abc import Mapping
from typing import Literal

Role = Literal["spy", "coach", "barge"]

WHISPER: Mapping[Role, Literal["none", "out", "both"]] = {"spy": "none", "coach": "out", "barge": "both"}
"""Who hears the supervisor, as the whisper direction of a snoop channel on the agent: nobody, only the agent, everybody."""
