"""Mailboxes: only there when the server was built with res_mwi_external, which is not the rule."""

from ..machine.core import Machine
from .found import Refused
from .registry import NO_CONTENT, Parameters, Reply, error, operation


def _mailboxes(machine: Machine) -> dict[str, dict[str, object]]:
    if machine.mailboxes is None:
        raise Refused(error(404, "Resource not found"))
    return machine.mailboxes


@operation("mailboxes.list")
def list_(machine: Machine, p: Parameters) -> Reply:
    """Every mailbox."""
    return Reply(200, list(_mailboxes(machine).values()))


@operation("mailboxes.get")
def get(machine: Machine, p: Parameters) -> Reply:
    """One mailbox."""
    found = _mailboxes(machine).get(p.values["mailboxName"])
    return error(404, "Mailbox is does not exist") if found is None else Reply(200, found)


@operation("mailboxes.update")
def update(machine: Machine, p: Parameters) -> Reply:
    """Set how many messages there are."""
    name = p.values["mailboxName"]
    counts = {"old_messages": p.number("oldMessages"), "new_messages": p.number("newMessages")}
    _mailboxes(machine)[name] = {"name": name, **counts}
    return NO_CONTENT


@operation("mailboxes.delete")
def delete(machine: Machine, p: Parameters) -> Reply:
    """Forget one."""
    if _mailboxes(machine).pop(p.values["mailboxName"], None) is None:
        return error(404, "Mailbox is does not exist")
    return NO_CONTENT
