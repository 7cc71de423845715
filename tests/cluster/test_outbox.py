"""What a gateway has to publish: events that share messages, in their order, and subjects from which owners are learned."""

from asterisk_ari.cluster._core.messages import split_frames
from asterisk_ari.cluster._core.outbox import MAX_MESSAGE_BYTES, Outbox, OutboxMessage
from asterisk_ari.cluster._core.subjects import of_event


def of(channel: str, worker: str) -> str:
    return of_event("n", "app", channel, worker)


def put(outbox: Outbox, channel: str, worker: str, text: str) -> None:
    assert outbox.add(of(channel, worker), worker, b'{"at":"%b"}' % text.encode())


def texts(messages: list[OutboxMessage], worker: str) -> list[bytes]:
    return [frame for one in messages if one.subject.endswith(f".{worker}") for frame in split_frames(one.payload)]


def test_waiting_events_of_a_worker_share_a_message_in_order() -> None:
    outbox = Outbox(1 << 20)
    put(outbox, "a", "w1", "1")
    put(outbox, "a", "w2", "2")
    put(outbox, "a", "w1", "3")
    messages = outbox.take(10)
    assert len(messages) == 2
    assert texts(messages, "w1") == [b'{"at":"1"}', b'{"at":"3"}']
    assert texts(messages, "w2") == [b'{"at":"2"}']


def test_each_channel_has_a_subject_of_its_own() -> None:
    outbox = Outbox(1 << 20)
    for text, channel in enumerate("abacabcab"):
        put(outbox, channel, "w1", str(text))
    messages = outbox.take(10)
    assert [one.subject for one in messages] == [of("a", "w1"), of("b", "w1"), of("c", "w1")]
    assert texts(messages, "w1") == [b'{"at":"%d"}' % number for number in range(9)]


def test_an_unnamed_channel_gives_its_name_to_a_message_of_named_ones() -> None:
    outbox = Outbox(1 << 20)
    put(outbox, "a", "w1", "1")
    outbox.take(10)
    put(outbox, "a", "w1", "2")
    put(outbox, "b", "w1", "3")
    assert [(one.subject, len(one.frames)) for one in outbox.take(10)] == [(of("b", "w1"), 2)]


def test_channels_are_named_again_on_request() -> None:
    outbox = Outbox(1 << 20)
    for _ in range(2):
        put(outbox, "a", "w1", "1")
        put(outbox, "b", "w1", "2")
        assert {one.subject for one in outbox.take(10)} == {of("a", "w1"), of("b", "w1")}
        outbox.name_subjects_again()


def test_nothing_is_added_to_a_message_that_was_sent() -> None:
    outbox = Outbox(1 << 20)
    put(outbox, "a", "w1", "1")
    first = outbox.take(10)
    put(outbox, "a", "w1", "2")
    assert len(first[0].frames) == 1
    outbox.send_again()
    put(outbox, "a", "w1", "3")
    assert texts(outbox.take(10), "w1") == [b'{"at":"1"}', b'{"at":"2"}', b'{"at":"3"}']


def test_what_is_stored_frees_its_room() -> None:
    outbox = Outbox(100)
    put(outbox, "a", "w1", "x" * 30)
    put(outbox, "a", "w1", "x" * 30)
    assert not outbox.add(of("a", "w1"), "w1", b"x" * 50)
    assert outbox.overflowed
    outbox.stored(outbox.take(10)[-1].number)
    assert (len(outbox), outbox.waiting_bytes, outbox.unacknowledged) == (0, 0, 0)
    assert outbox.restart() == 1
    put(outbox, "a", "w1", "x" * 30)


def test_messages_have_a_largest_size() -> None:
    outbox = Outbox(1 << 20)
    for _ in range(3):
        assert outbox.add(of("a", "w1"), "w1", b"x" * (MAX_MESSAGE_BYTES // 2))
    assert [len(one.frames) for one in outbox.take(10)] == [2, 1]
