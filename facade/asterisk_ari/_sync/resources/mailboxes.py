# Made from resources/mailboxes.py by scripts/unasync.py: edit that file.
"""Mailboxes: message counts kept outside Asterisk's own voicemail."""

from typing import TYPE_CHECKING, ClassVar, Final, cast

from asterisk_ari._core.requests.naming import operation
from asterisk_ari._sync.resources.base import Collection, Handle, by_id

if TYPE_CHECKING:
    from ari_rest import models
    from ari_rest.json_shapes import MailboxJson


class Mailbox(Handle):
    """One mailbox by its name, such as "100@default". The server needs its module res_mwi_external for all of this."""

    KIND: ClassVar[str] = "mailbox"
    ID_FIELD: ClassVar[str] = "name"
    MODEL_OF: ClassVar[str] = "mailboxes.get"

    __slots__ = ()

    json: "MailboxJson"

    @property
    def data(self) -> "models.Mailbox":
        """The snapshot as the generated model, as `Handle.data`."""
        return cast("models.Mailbox", self._model())

    @property
    def old_messages(self) -> int | None:
        """How many messages had been heard."""
        return self.json.get("old_messages")

    @property
    def new_messages(self) -> int | None:
        """How many messages had not been heard."""
        return self.json.get("new_messages")

    @operation("mailboxes.get")
    def refresh(self) -> "Mailbox":
        """Ask the server for the mailbox's present counts.

        `GET /mailboxes/{mailboxName}`, since 13.0. `json` holds the new snapshot afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: there is no such mailbox, or no res_mwi_external.

        Example:
            >>> mailbox.refresh().json["new_messages"]
            2
        """
        self.json = self._call("mailboxes.get", mailboxName=self.id)
        return self

    @operation("mailboxes.update")
    def update(self, *, old_messages: int, new_messages: int) -> None:
        """Set its counts; it exists from then on. Phones that watch it update their message lamp.

        `PUT /mailboxes/{mailboxName}`, since 13.0.

        Args:
            old_messages: number of messages heard, 0 or more.
            new_messages: number of messages not heard yet, 0 or more.

        Raises:
            NotFound: no res_mwi_external on the server.

        Example:
            >>> ari.mailboxes("100@default").update(old_messages=5, new_messages=2)
        """
        self._call("mailboxes.update", mailboxName=self.id, oldMessages=old_messages, newMessages=new_messages)

    @operation("mailboxes.delete")
    def delete(self) -> None:
        """Remove it; the messages themselves are not touched.

        `DELETE /mailboxes/{mailboxName}`, since 13.0.

        Raises:
            NotFound: there is no such mailbox, or no res_mwi_external.

        Example:
            >>> ari.mailboxes("100@default").delete()
        """
        self._call("mailboxes.delete", mailboxName=self.id)


class Mailboxes(Collection[Mailbox]):
    """Mailboxes by name: `ari.mailboxes`."""

    HANDLE = Mailbox

    get: Final = by_id(Mailbox.refresh)
    update: Final = by_id(Mailbox.update)
    delete: Final = by_id(Mailbox.delete)

    @operation("mailboxes.list")
    def list(self) -> list[Mailbox]:
        """List the mailboxes kept from outside.

        `GET /mailboxes`, since 13.0.

        Returns:
            A handle with its counts for each.

        Raises:
            NotFound: no res_mwi_external on the server.

        Example:
            >>> [mailbox.id for mailbox in ari.mailboxes.list()]
            ['100@default']
        """
        return self._handles(self._call("mailboxes.list"))
