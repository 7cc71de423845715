"""Exceptions at every bytecode of a call, as out of a signal handler."""

import gc
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

TESTS = str(Path(__file__).parents[1])


class Interrupt(BaseException):
    """What a signal handler raises."""


class Interrupter:
    """Raises at one bytecode of what the tests call in this thread, Python's own modules included.

    `point` counts them from 0; `reached` says whether there were so many. The exception ends with the context.
    """

    def __init__(self, point: int) -> None:
        self.left = point
        self.reached = False

    def __enter__(self) -> "Interrupter":
        self._thread = threading.get_ident()
        gc.disable()  # what it would free in this thread is not of the call
        self._begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self._end()
        gc.enable()
        return kind is Interrupt

    def _at_bytecode(self) -> None:
        if not self.reached and threading.get_ident() == self._thread:
            self.left -= 1
            if self.left < 0:
                self.reached = True
                raise Interrupt

    if sys.version_info >= (3, 12):

        def _begin(self) -> None:
            monitoring = sys.monitoring
            monitoring.use_tool_id(monitoring.DEBUGGER_ID, "interrupts")
            monitoring.register_callback(monitoring.DEBUGGER_ID, monitoring.events.INSTRUCTION, self._monitor)
            monitoring.set_events(monitoring.DEBUGGER_ID, monitoring.events.INSTRUCTION)

        def _end(self) -> None:
            monitoring = sys.monitoring
            monitoring.set_events(monitoring.DEBUGGER_ID, 0)
            monitoring.free_tool_id(monitoring.DEBUGGER_ID)

        def _monitor(self, code: CodeType, _offset: int) -> object:
            if code.co_filename.startswith(TESTS):
                return sys.monitoring.DISABLE
            self._at_bytecode()
            return None

    else:

        def _begin(self) -> None:
            sys.settrace(self._trace)

        def _end(self) -> None:
            sys.settrace(None)

        def _trace(self, frame: FrameType, event: str, _argument: Any) -> Callable[..., Any]:
            if not frame.f_code.co_filename.startswith(TESTS):
                frame.f_trace_opcodes, frame.f_trace_lines = True, False
                if event == "opcode":
                    self._at_bytecode()
            return self._trace
