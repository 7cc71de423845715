"""What holds for all tests."""

import gc
import signal
from collections.abc import Iterator

import pytest


@pytest.hookimpl(trylast=True)  # after those of the plugins
def pytest_configure(config: pytest.Config) -> None:
    """Ctrl-C interrupts: a shell starts its background jobs with SIGINT ignored, and so would be all that tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.pluginmanager.hasplugin("hypothesispytest"):  # the session `release` runs the README without it
        _let_hypothesis_take_its_time()
    if hasattr(config, "workerinput") and config.pluginmanager.hasplugin("rerunfailures"):
        _keep_reruns_to_the_worker(config)


def _keep_reruns_to_the_worker(config: pytest.Config) -> None:
    """Reruns are counted where they happen.

    pytest-rerunfailures asks the controller over a socket before each test, which reads the answer byte by byte: that takes
    longer than most tests. It serves the tests that end their process alone, and these fail without it too.
    """
    from pytest_rerunfailures import StatusDB

    config.failures_db.sock.close()  # type: ignore[attr-defined]
    config.failures_db = StatusDB()  # type: ignore[attr-defined]


def _let_hypothesis_take_its_time() -> None:
    """How long an example takes says more about the machine than about the code."""
    from hypothesis import HealthCheck, settings

    settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("any machine")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is collected stays until the end: the garbage collector need not look at 300 000 objects of it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
