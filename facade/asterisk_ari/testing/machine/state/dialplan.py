"""The dialplan as data: contexts, extensions and priorities, read from the notation of extensions.conf, and pattern matching."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

DEFAULT = """
[default]
exten => _[0-9a-zA-Z]!,1,Answer()
 same => n,Wait(3600)

[stasis]
exten => _[0-9a-zA-Z]!,1,NoOp(${CHANNEL} -> ${EXTEN})
 same => n,Stasis(${EXTEN})
 same => n,NoOp(STASISSTATUS=${STASISSTATUS})
 same => n,Hangup()

[stasis-args]
exten => _[0-9a-zA-Z]!,1,Stasis(${EXTEN},dialplan,arg two)
 same => n,Hangup()

[stasis-answered]
exten => _[0-9a-zA-Z]!,1,Answer()
 same => n,Stasis(${EXTEN},answered)
 same => n,Hangup()

[outbound-calls]
exten => s,1,Stasis(aiagc)
 same => n,Hangup()

[conference]
exten => s,1,Stasis(aiagc)
 same => n,Hangup()

[monitoring]
exten => s,1,Stasis(aiagc)
 same => n,Hangup()

[plain]
exten => s,1,Goto(wait,1)
exten => wait,1,Answer()
 same => n,Wait(3600)
exten => short,1,Answer()
 same => n,Wait(2)
 same => n,Hangup()
exten => echo,1,Answer()
 same => n,Echo()
exten => play,1,Answer()
 same => n,Wait(0.2)
 same => n,Playback(hello-world)
 same => n,Hangup()
exten => moh,1,Answer()
 same => n,MusicOnHold()
exten => tone,1,Answer()
 same => n,Milliwatt()
exten => ring,1,Ringing()
 same => n,Wait(3600)
exten => progress,1,Progress()
 same => n,Wait(3600)
exten => silent,1,Wait(3600)
exten => busy,1,Busy(10)
exten => congestion,1,Congestion(10)
exten => _ha[n]gupXX,1,Hangup(${EXTEN:6})
exten => dtmf,1,Answer()
 same => n,Wait(0.5)
 same => n,SendDTMF(1234#,200,100)
 same => n,Wait(3600)
exten => talk,1,Answer()
 same => n(top),Playback(hello-world&silence/2)
 same => n,Goto(top)
exten => userevent,1,Answer()
 same => n,UserEvent(LiveEvent,Key: value,Other: two words)
 same => n,Wait(3600)
exten => vars,1,Answer()
 same => n,Set(LIVEVAR=one)
 same => n,Set(__INHERITED=two)
 same => n,Wait(3600)
exten => _odd-!,1,Answer()
 same => n,Wait(3600)

[loop]
exten => _[0-9a-zA-Z]!,1,Answer()
 same => n(again),Wait(600)
 same => n,Goto(again)

[ctx]
exten => s,1,Goto(plain,talk,1)

[chain]
exten => 0,1,Goto(loop,s,1)
exten => _X,1,Dial(Local/$[${EXTEN} - 1]@chain)
 same => n,Hangup()

[ring-then-answer]
exten => _[0-9a-zA-Z]!,1,Ringing()
 same => n,Wait(1)
 same => n,Answer()
 same => n,Wait(3600)

[broadcast]
exten => _[0-9a-zA-Z]!,1,StasisBroadcast(5000)
 same => n,Answer()
 same => n,Wait(600)
"""
"""The dialplan of an embedded Asterisk that is given none."""


@dataclass(slots=True)
class DialplanStep:
    """One priority: an application and its arguments, and the line of the text that it was read from; 0 for none."""

    application: str
    data: str
    label: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.application}({self.data})"


@dataclass(slots=True)
class Extension:
    """One extension or pattern, with its steps by priority."""

    pattern: str
    steps: dict[int, DialplanStep] = field(default_factory=dict)
    regex: "re.Pattern[str] | None" = None

    def __post_init__(self) -> None:
        if self.pattern.startswith("_"):
            self.regex = re.compile(_regex(self.pattern[1:]), re.DOTALL)


_SPECIAL = re.compile(r"([^0-9a-zA-Z-])")


_CLASSES = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": ".+", "!": ".*", "-": "-?"}
_SIZES = {"X": 10, "Z": 9, "N": 8, ".": 1000, "!": 2000}
_END = 3000


def _parts(pattern: str) -> Iterator[tuple[str, int]]:
    """The characters of a pattern as a regular expression, each with how many characters it stands for; sets as one."""
    index = 0
    while index < len(pattern):
        character = pattern[index]
        if character == "[" and "]" in pattern[index:]:
            end = pattern.index("]", index)
            inside = _SPECIAL.sub(r"\\\1", pattern[index + 1 : end])
            yield f"[{inside}]", sum(re.match(f"[{inside}]", chr(code)) is not None for code in range(128))
            index = end
        else:
            key = character.upper() if character in "xzn" else character
            yield _CLASSES.get(key) or re.escape(character), _SIZES.get(key, 1)
        index += 1


def _regex(pattern: str) -> str:
    return "".join(part for part, _ in _parts(pattern)) + "\\Z"


def _rank(extension: Extension) -> tuple[int, list[tuple[int, str]]]:
    """Sort key: plain names first, then patterns, character by character the one that stands for fewer."""
    if extension.regex is None:
        return (0, [])
    ranks = [(size, part) for part, size in _parts(extension.pattern[1:]) if part != _CLASSES["-"]]
    return (1, [*ranks, (_END, "")])


DialplanSource = str | Mapping[str, Mapping[str, Sequence[str]]] | None
_LINE = re.compile(r"(exten|same|include)\s*=>?\s*(.*)\Z")
_PRIORITY = re.compile(r"(\w+)(?:\(([^)]*)\))?\Z")
MAX_INCLUDE_DEPTH = 8


class Dialplan:
    """Contexts with their extensions."""

    def __init__(self, source: DialplanSource = None) -> None:
        self.contexts: dict[str, dict[str, Extension]] = {}
        self.includes: dict[str, list[str]] = {}
        self._matches: dict[tuple[str, str], list[Extension]] = {}
        if source is None or isinstance(source, str):
            self._read(DEFAULT if source is None else source)
        else:
            for context, extensions in source.items():
                for exten, steps in extensions.items():
                    for index, step in enumerate(steps):
                        self.add(context, exten, index + 1, step)

    def add(self, context: str, exten: str, priority: int, text: str, *, label: str = "", line: int = 0) -> None:
        """Add one priority: `Answer()`, `Playback(hello-world)`."""
        name, _, rest = text.strip().partition("(")
        extensions = self.contexts.setdefault(context, {})
        extension = extensions.setdefault(exten, Extension(exten))
        extension.steps[priority] = DialplanStep(name.strip(), rest.rstrip().removesuffix(")"), label, line)
        self._matches.clear()

    def _read(self, text: str) -> None:
        context, exten, last = "", "", 0
        for line_number, raw in enumerate(text.splitlines(), 1):
            line = raw.partition(";")[0].strip() if not raw.lstrip().startswith(";") else ""
            if line.startswith("["):
                context = line[1 : line.index("]")]
                self.contexts.setdefault(context, {})
                continue
            match = _LINE.match(line)
            if match is None or context in {"", "general", "globals"}:
                continue
            if match[1] == "include":
                self.includes.setdefault(context, []).append(match[2])
                continue
            rest = match[2]
            if match[1] == "exten":
                exten, _, rest = rest.partition(",")
                exten = exten.strip()
            number, _, application = rest.partition(",")
            step = _PRIORITY.match(number.strip())
            if step is None or step[1] == "hint":
                continue
            last = last + 1 if step[1] == "n" else last if step[1] == "s" else int(step[1])
            self.add(context, exten, last, application, label=step[2] or "", line=line_number)

    def matching(self, context: str, exten: str) -> list[Extension]:
        """The extensions that match a number in a context and in those that it includes, the best first."""
        key = (context, exten)
        if key not in self._matches:
            self._matches[key] = list(self._search(context, exten, 0))
        return self._matches[key]

    def _search(self, context: str, exten: str, depth: int) -> Iterator[Extension]:
        for extension in sorted(self.contexts.get(context, {}).values(), key=_rank):
            if extension.regex.match(exten) if extension.regex is not None else extension.pattern == exten:
                yield extension
        for other in self.includes.get(context, ()) if depth < MAX_INCLUDE_DEPTH else ():
            yield from self._search(other, exten, depth + 1)

    def step(self, context: str, exten: str, priority: int) -> DialplanStep | None:
        """The step at a priority, of the best extension that has one there; None when there is none."""
        found = (extension.steps[priority] for extension in self.matching(context, exten) if priority in extension.steps)
        return next(found, None)

    def exists(self, context: str, exten: str, priority: int) -> bool:
        """Whether there is a step at a priority."""
        return self.step(context, exten, priority) is not None

    def label(self, context: str, exten: str, label: str) -> int | None:
        """The priority that has a label."""
        steps = (item for extension in self.matching(context, exten) for item in extension.steps.items())
        return next((priority for priority, step in steps if step.label == label), None)

    def add_application(self, name: str) -> None:
        """Add the context `stasis-<app>` of a connected application: every extension of it enters the application."""
        context = f"stasis-{name}"
        if context not in self.contexts:
            self.add(context, "_.", 1, f"Stasis({name})")
            self.add(context, "h", 1, "NoOp()")

    def remove_application(self, name: str) -> None:
        """Remove the context of an application that is gone."""
        self.contexts.pop(f"stasis-{name}", None)
        self._matches.clear()
