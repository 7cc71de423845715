"""Dialplan applications that decide what is executed next: subroutines, loops and conditions."""

import re
from collections.abc import Iterator
from itertools import count

from asterisk_ari.testing.machine.calls import hangup
from asterisk_ari.testing.machine.dialplan.places import UNTIL_CONTINUED, Pause, go_to
from asterisk_ari.testing.machine.signalling.channel_events import set_variable
from asterisk_ari.testing.machine.stasis.arguments import split_arguments
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.dialplan import DialplanStep
from asterisk_ari.testing.machine.state.machine import Machine


def is_true(condition: str) -> bool:
    """Whether a condition holds, as Asterisk reads it: any text, but one that begins with a digit only as its whole number."""
    text = condition.strip()
    number = re.match(r"\d+", text)
    return int(number[0]) != 0 if number is not None else bool(text)


def chosen(data: str) -> str:
    """What `condition?yes:no` comes to; a `:` in brackets belongs to an alternative."""
    condition, _, alternatives = data.partition("?")
    depth = 0
    for index, character in enumerate(alternatives):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == ":" and not depth:
            return (alternatives[:index] if is_true(condition) else alternatives[index + 1 :]).strip()
    return alternatives.strip() if is_true(condition) else ""


def gosub(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    """`Gosub(context,exten,priority(arguments))`: goes there, and comes back with Return()."""
    target, bracket, rest = data.partition("(")
    arguments = split_arguments(rest.removesuffix(")")) if bracket else []
    channel.subroutines.append(((channel.context, channel.exten, channel.priority), channel.arguments))
    hidden = len(channel.arguments) - len(arguments)
    channel.arguments = [*arguments, *[""] * hidden]
    for number, argument in enumerate(channel.arguments, 1):
        _set_local(machine, channel, f"ARG{number}", argument)
    _set_local(machine, channel, "ARGC", str(len(arguments)))
    return go_to(machine, channel, target)


def _set_local(machine: Machine, channel: ServerChannel, name: str, value: str) -> None:
    """A variable of the subroutine, told of as what sets it."""
    set_variable(machine, channel, f"LOCAL({name})", value)
    channel.variables[name] = channel.variables.pop(f"LOCAL({name})")


def gosub_if(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    """`GosubIf(condition?there(arguments):elsewhere(arguments))`."""
    target = chosen(data)
    return gosub(machine, channel, target) if target else None


def return_(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    """`Return(value)`: back to behind the Gosub() that came here; without one the call ends."""
    if not channel.subroutines:
        hangup.end(machine, channel)
        return UNTIL_CONTINUED
    place, arguments = channel.subroutines.pop()
    set_variable(machine, channel, "ARGC", None)
    for number in range(len(channel.arguments), 0, -1):
        if channel.variables.get(f"ARG{number}"):
            set_variable(machine, channel, f"ARG{number}", None)
        channel.variables.pop(f"ARG{number}", None)
    channel.arguments = arguments
    if channel.subroutines:
        outer = {f"ARG{number}": argument for number, argument in enumerate(arguments, 1)}
        channel.variables.update(outer, ARGC=str(len(arguments)))
    set_variable(machine, channel, "GOSUB_RETVAL", data)
    channel.context, channel.exten, channel.priority = place
    return None


def while_(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    """`While(condition)`: past its EndWhile() when the condition does not hold. Variables say which loop it is, and where."""
    name = f"{channel.context}_{channel.exten}_{channel.priority}"
    number = channel.variables.get(name)
    if number is None:
        number = next(str(one) for one in count() if f"WHILE_{one}" not in channel.variables)
        set_variable(machine, channel, name, number)
    if is_true(data):
        if f"WHILE_{number}" not in channel.variables:
            set_variable(machine, channel, f"WHILE_{number}", f"{channel.context},{channel.exten},{channel.priority}")
        return None
    for one in (f"WHILE_{number}", name, f"END_WHILE_{number}"):
        set_variable(machine, channel, one, None)
    return _turn(machine, channel, 1, 0)


def end_while(machine: Machine, channel: ServerChannel, _data: str) -> Pause:
    """Back to the While()."""
    end, place = _loop(channel), f"{channel.context},{channel.exten},{channel.priority + 1}"
    if end is not None and f"END_{end}" not in channel.variables:
        set_variable(machine, channel, f"END_{end}", place)
    return _turn(machine, channel, -1, 0)


def exit_while(machine: Machine, channel: ServerChannel, _data: str) -> Pause:
    """Past the EndWhile()."""
    loop = _loop(channel)
    if loop is not None:
        set_variable(machine, channel, loop, None)
    return _turn(machine, channel, 1, 0)


def _loop(channel: ServerChannel) -> str | None:
    """The variable of the innermost While()."""
    return next((name for name in reversed(channel.variables) if name.startswith("WHILE_")), None)


def continue_while(machine: Machine, channel: ServerChannel, _data: str) -> Pause:
    """Back to the While(), from inside."""
    return _turn(machine, channel, -1, 0)


def _turn(machine: Machine, channel: ServerChannel, direction: int, depth: int) -> Pause:
    """Go to the While() before, which is executed next, or to the EndWhile() behind, which is not."""
    opens, closes = ("endwhile", "while") if direction < 0 else ("while", "endwhile")
    for priority, step in _steps(machine, channel, direction):
        name = step.application.lower()
        depth += name == opens
        if name == closes:
            if not depth:
                channel.priority = priority - (direction < 0)
                return None
            depth -= 1
    return None


def _steps(machine: Machine, channel: ServerChannel, direction: int) -> Iterator[tuple[int, DialplanStep]]:
    priority = channel.priority + direction
    while (step := machine.dialplan.step(channel.context, channel.exten, priority)) is not None:
        yield priority, step
        priority += direction
