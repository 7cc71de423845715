"""The additions of Wazo's fork of ari-py: exceptions by status, callbacks for the registration of apps, events from other
sources."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from requests.exceptions import RequestException

from asterisk_ari.compat.ari.client import Client, log
from asterisk_ari.compat.ari.exceptions import BY_STATUS

Registered = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class WazoClient(Client):
    """A `Client` with the additions of Wazo's fork; its arguments are those of `Client`.

    Calls raise the classes of `asterisk_ari.compat.ari.exceptions` for the statuses 404, 409, 422, 500 and 503.

    Example:
        >>> client = ari.connect("http://localhost:8088", "asterisk", "asterisk", client_class=WazoClient)
    """

    def __init__(self, base_url: str, http_client: Any, **options: Any) -> None:
        self._app_registered_callbacks: defaultdict[str, list[Registered]] = defaultdict(list)
        self._app_deregistered_callbacks: defaultdict[str, list[Registered]] = defaultdict(list)
        super().__init__(base_url, http_client, **options)

    def on_application_registered(self, application_name: str, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Call a function with these arguments when a `run()` has registered an app.

        Example:
            >>> client.on_application_registered("demo", print, "registered")
        """
        self._app_registered_callbacks[application_name].append((fn, args, kwargs))

    def on_application_deregistered(self, application_name: str, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Call a function with these arguments when a program has found that an app is no longer registered.

        Example:
            >>> client.on_application_deregistered("demo", print, "gone")
        """
        self._app_deregistered_callbacks[application_name].append((fn, args, kwargs))

    def on_stasis_event(self, event: dict[str, Any]) -> None:
        """Call the callbacks for an event received another way, for example over a message bus.

        Args:
            event: as on the event WebSocket; an event without a type is logged and skipped.

        Example:
            >>> client.on_stasis_event({"type": "StasisEnd", "application": "demo", "channel": channel.json})
        """
        if isinstance(event, dict) and isinstance(event.get("type"), str):
            self._dropin_dispatch(event)
        else:
            log.error("invalid event skipped: %s", event)

    def _execute_app_registered_callbacks(self, apps: str) -> None:
        self._dropin_call(self._app_registered_callbacks, apps)

    def _execute_app_deregistered_callbacks(self, apps: str) -> None:
        self._dropin_call(self._app_deregistered_callbacks, apps)

    def _dropin_call(self, registered: dict[str, list[Registered]], apps: str) -> None:
        for app in apps.split(","):
            for function, args, kwargs in registered.get(app, []):
                try:
                    function(*args, **kwargs)
                except Exception as error:  # noqa: BLE001 - whatever a callback raises is for the handler
                    self.exception_handler(error)

    def _dropin_run_opened(self, apps: list[str]) -> None:
        self._execute_app_registered_callbacks(",".join(apps))

    def _dropin_exception(self, error: RequestException) -> RequestException:
        kind = BY_STATUS.get(error.response.status_code) if error.response is not None else None
        return error if kind is None else kind(self, error)
