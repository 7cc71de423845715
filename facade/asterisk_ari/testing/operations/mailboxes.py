"""Mailboxes: most servers are built without res_mwi_external and have none."""

from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import NO_CONTENT, Reply, RequestRefused, error_reply


def _mailboxes(machine: Machine) -> dict[str, dict[str, object]]:
    if machine.system.mailboxes is None:
        raise RequestRefused(error_reply(404, "Resource not found"))
    return machine.system.mailboxes


@operation("mailboxes.list")
def list_(machine: Machine, params: Parameters) -> Reply:
    """List all mailboxes."""
    return Reply(200, list(_mailboxes(machine).values()))


@operation("mailboxes.get")
def get(machine: Machine, params: Parameters) -> Reply:
    """Return one mailbox."""
    mailbox = _mailboxes(machine).get(params.values["mailboxName"])
    return error_reply(404, "Mailbox is does not exist") if mailbox is None else Reply(200, mailbox)


@operation("mailboxes.update")
def update(machine: Machine, params: Parameters) -> Reply:
    """Set the message counts of a mailbox."""
    name = params.values["mailboxName"]
    counts = {"old_messages": params.number("oldMessages"), "new_messages": params.number("newMessages")}
    _mailboxes(machine)[name] = {"name": name, **counts}
    return NO_CONTENT


@operation("mailboxes.delete")
def delete(machine: Machine, params: Parameters) -> Reply:
    """Delete a mailbox."""
    if _mailboxes(machine).pop(params.values["mailboxName"], None) is None:
        return error_reply(404, "Mailbox is does not exist")
    return NO_CONTENT
