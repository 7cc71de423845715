"""The control API: what a test in any language does to the embedded Asterisk, over HTTP."""
