"""`multiprocessing`: a connected parent, and a child by the method that the argument names."""

import multiprocessing
import signal
import sys

from work import client, tell, tell_whose, work_for, work_for_async

if __name__ == "__main__":
    method = sys.argv[1]
    works = work_for_async if "async" in sys.argv else work_for
    context = multiprocessing.get_context(method)
    with client("parent") as ari:

        def forked() -> None:
            tell_whose(ari)
            works("table")

        process = context.Process(target=forked) if method == "fork" else context.Process(target=works, args=("table",))
        process.start()
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        process.join()
        ari.bridges.list()
        tell("parent")
    sys.exit(process.exitcode)
