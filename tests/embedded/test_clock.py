from asterisk_ari.testing.clock import Clock, TimerQueue


def test_timers_run_in_order_each_at_its_own_time() -> None:
    timers, seen = TimerQueue(100.0), []
    timers.after(2, lambda: seen.append(("b", timers.now)))
    timers.after(1, lambda: seen.append(("a", timers.now)))
    timers.after(9, lambda: seen.append(("late", timers.now)))
    timers.run(105)
    assert seen == [("a", 101.0), ("b", 102.0)]
    assert timers.now == 105
    assert timers.due() == 109


def test_soon_runs_before_later_timers() -> None:
    timers, seen = TimerQueue(0.0), []
    timers.after(1, lambda: (seen.append("timer"), timers.soon(lambda: seen.append("soon"))))
    timers.after(1, lambda: seen.append("second timer"))
    timers.run(1)
    assert seen == ["timer", "soon", "second timer"]


def test_a_cancelled_timer_does_nothing_and_is_not_due() -> None:
    timers, seen = TimerQueue(0.0), []
    timers.after(1, lambda: seen.append(1)).cancel()
    assert timers.due() is None
    timers.run(5)
    assert not seen


def test_virtual_time_moves_only_on_demand() -> None:
    clock = Clock(virtual=True)
    before = clock.now()
    assert clock.now() == before
    clock.move_to(before + 3600)
    assert clock.now() == before + 3600
    clock.move_to(before)
    assert clock.now() == before + 3600
