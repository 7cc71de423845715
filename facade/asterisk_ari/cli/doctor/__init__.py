"""`asterisk-ari doctor`: facts are gathered (`probe`, `event_probe`), judged (`…_checks`, pure), and told (`report`)."""
