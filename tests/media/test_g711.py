"""G.711 by the values of the recommendation's tables."""

import array

import pytest

from asterisk_ari.media import from_alaw, from_ulaw, to_alaw, to_ulaw

# Sample → byte. µ-law: ITU-T G.711 table 2a; A-law: table 1a, with even bits inverted.
ULAW = {0: 0xFF, 8: 0xFE, -8: 0x7E, 1000: 0xCE, -1000: 0x4E, 32_124: 0x80, -32_124: 0x00, 32_767: 0x80, -32_768: 0x00}
ALAW = {8: 0xD5, -8: 0x55, 24: 0xD4, -24: 0x54, 1008: 0xFA, -1008: 0x7A, 32_256: 0xAA, -32_256: 0x2A, 32_767: 0xAA, -32_768: 0x2A}


@pytest.mark.parametrize(("encode", "values"), [(to_ulaw, ULAW), (to_alaw, ALAW)], ids=["ulaw", "alaw"])
def test_known_values(encode: object, values: dict[int, int]) -> None:
    pcm = b"".join(sample.to_bytes(2, "little", signed=True) for sample in values)
    assert bytes(values.values()) == encode(pcm)  # type: ignore[operator]


@pytest.mark.parametrize(("encode", "decode"), [(to_ulaw, from_ulaw), (to_alaw, from_alaw)], ids=["ulaw", "alaw"])
def test_every_byte_comes_back_and_every_sample_is_near(encode: object, decode: object) -> None:
    """But for µ-law's two zeros; the steps grow with the sample, to a thirtieth of it."""
    codes = bytes(range(256))
    assert codes.replace(b"\x7f", b"\xff") == encode(decode(codes)) if encode is to_ulaw else codes == encode(decode(codes))  # type: ignore[operator]
    samples = range(-32_768, 32_768)
    pcm = b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples)
    found = array.array("h", decode(encode(pcm)))  # type: ignore[operator]
    if array.array("H", b"\1\0")[0] != 1:
        found.byteswap()
    assert all(abs(one - sample) <= max(16, abs(sample) / 30 + 8) for one, sample in zip(found, samples, strict=True))
