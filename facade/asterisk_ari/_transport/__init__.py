"""The only places that touch sockets, threads and tasks. Modules named `*_async` and `*_sync` have the same classes."""
