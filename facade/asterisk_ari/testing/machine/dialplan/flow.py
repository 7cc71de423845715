"""Dialplan applications that decide what is executed next: subroutines, loops and conditions."""

import re
from collections.abc import Iterator

from asterisk_ari.testing.machine.dialplan.places import Pause, go_to
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
    _set_arguments(machine, channel, arguments)
    return go_to(machine, channel, target)


def gosub_if(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    """`GosubIf(condition?there(arguments):elsewhere(arguments))`."""
    target = chosen(data)
    return gosub(machine, channel, target) if target else None


def return_(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    """`Return(value)`: back to behind the Gosub() that came here; without one nothing happens, as with an error logged."""
    if channel.subroutines:
        (channel.context, channel.exten, channel.priority), arguments = channel.subroutines.pop()
        _set_arguments(machine, channel, arguments)
        set_variable(machine, channel, "GOSUB_RETVAL", data)
    return None


def _set_arguments(machine: Machine, channel: ServerChannel, arguments: list[str]) -> None:
    for number in range(1, max(len(arguments), len(channel.arguments)) + 1):
        channel.variables.pop(f"ARG{number}", None)
    channel.arguments = arguments
    for number, argument in enumerate(arguments, 1):
        set_variable(machine, channel, f"ARG{number}", argument)


def while_(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    """`While(condition)`: past its EndWhile() when the condition does not hold."""
    return None if is_true(data) else exit_while(machine, channel, data)


def end_while(machine: Machine, channel: ServerChannel, _data: str) -> Pause:
    """Back to the While()."""
    return _turn(machine, channel, -1, 0)


def exit_while(machine: Machine, channel: ServerChannel, _data: str) -> Pause:
    """Past the EndWhile()."""
    return _turn(machine, channel, 1, 0)


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
