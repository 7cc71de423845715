"""Runs one example as a program of its own, unchanged: where it pauses, it pauses until the test has seen enough."""

import runpy
import sys
import time

_sleep = time.sleep


def _pause(seconds: float) -> None:
    if sys._getframe(1).f_globals.get("__name__") != "__main__":
        _sleep(seconds)
        return
    print(f"pause {seconds:g}", flush=True)
    sys.stdin.readline()


time.sleep = _pause
sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
runpy.run_path(sys.argv[1], run_name="__main__")
