"""`python program.py`; with "async", the asynchronous variant."""

import sys

from work import work_for, work_for_async

(work_for_async if "async" in sys.argv else work_for)("table")
