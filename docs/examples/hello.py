"""Call a phone, greet, take four digits, hang up."""

from asterisk_ari import AsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk


def greet(ari: AsteriskARI, endpoint: str) -> str:
    """What whoever answers types."""
    # Rings, and waits for the answer; leaving the block hangs up.
    with ari.call(endpoint) as call:
        call.play(media="sound:hello-world").wait()
        typed = call.channel.collect_digits(max_digits=4, first_seconds=5)
        return typed.digits


def main() -> None:
    """Call a phone of an Asterisk that is inside this program."""
    with EmbeddedAsterisk() as pbx:
        access = {"url": pbx.url, "username": pbx.username, "password": pbx.password}
        with AsteriskARI(app_name="hello", **access) as ari:
            print("typed:", greet(ari, "PJSIP/100@trunk") or "nothing")


if __name__ == "__main__":
    main()
