"""Hangup causes: numbers, names and texts."""

TEXTS: dict[int, str] = {
    0: "Unknown",
    1: "Unallocated (unassigned) number",
    2: "No route to specified transmit network",
    3: "No route to destination",
    5: "Misdialled Trunk Prefix",
    6: "ServerChannel unacceptable",
    7: "Call awarded and being delivered in an established channel",
    8: "Pre-empted",
    14: "Number not here but ported",
    16: "Normal Clearing",
    17: "User busy",
    18: "No user responding",
    19: "User alerting, no answer",
    20: "Subscriber absent",
    21: "Call Rejected",
    22: "Number changed",
    23: "Redirected to new destination",
    26: "Answered elsewhere",
    27: "Destination out of order",
    28: "Invalid number format",
    29: "Facility rejected",
    30: "Response to STATus ENQuiry",
    31: "Normal, unspecified",
    34: "Circuit/channel congestion",
    38: "Network out of order",
    41: "Temporary failure",
    42: "Switching equipment congestion",
    43: "Access information discarded",
    44: "Requested channel not available",
    50: "Facility not subscribed",
    52: "Outgoing call barred",
    54: "ParsedRequest call barred",
    57: "Bearer capability not authorized",
    58: "Bearer capability not available",
    65: "Bearer capability not implemented",
    66: "ServerChannel not implemented",
    69: "Facility not implemented",
    81: "Invalid call reference value",
    88: "Incompatible destination",
    95: "Invalid message unspecified",
    96: "Mandatory information element is missing",
    97: "Message type nonexist.",
    98: "Wrong message",
    99: "Info. element nonexist or not implemented",
    100: "Invalid information element contents",
    101: "Message not compatible with call state",
    102: "Recover on timer expiry",
    103: "Mandatory IE length error",
    111: "Protocol error, unspecified",
    127: "Interworking, unspecified",
}

REASONS: dict[str, int] = {
    "normal": 16,
    "busy": 17,
    "congestion": 34,
    "no_answer": 19,
    "timeout": 18,
    "rejected": 21,
    "unallocated": 1,
    "normal_unspecified": 31,
    "number_incomplete": 28,
    "codec_mismatch": 58,
    "interworking": 127,
    "failure": 38,
    "answered_elsewhere": 26,
}

NAMES: dict[str, int] = {"BUSY": 17, "CONGESTION": 34, "NOANSWER": 19, "NORMAL_CLEARING": 16, "CALL_REJECTED": 21, "REJECTED": 21}

# The SIP status that Asterisk says for a cause, where it says one.
SAID_STATUS: dict[int, int] = {
    **dict.fromkeys((1, 2, 3), 404),
    **dict.fromkeys((34, 42, 66), 503),
    **dict.fromkeys((19, 20, 31), 480),
    **dict.fromkeys((38, 127), 500),
    17: 486,
    18: 408,
    21: 403,
    22: 410,
    27: 502,
    28: 484,
    29: 501,
    58: 488,
}

# The SIP status by which a phone has refused with a cause.
SIP_STATUS: dict[int, int] = {
    1: 404,
    3: 404,
    17: 486,
    18: 480,
    19: 480,
    20: 480,
    21: 403,
    22: 410,
    26: 487,
    34: 503,
    38: 500,
    127: 487,
}


def text(cause: int) -> str:
    """Asterisk's text for a cause."""
    return TEXTS.get(cause, "Unknown")
