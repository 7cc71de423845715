# A call by hand: place it, wait for the menu, press 1, let time pass until it is over, and look at what happened.
control() { curl -sS --fail-with-body -u "$ARI_USERNAME:$ARI_PASSWORD" "$@"; }
id=$(control "$CONTROL_URL/calls" -d '{"app": "ivr", "caller": "Ann <1234>"}' | sed 's/.*"id":"\([^"]*\)".*/\1/')
control "$CONTROL_URL/calls/$id/wait-for-prompt" -d '{"media": "sound:menu"}' >/dev/null
control "$CONTROL_URL/calls/$id/press" -d '{"keys": "1"}' >/dev/null
control "$CONTROL_URL/calls/$id/wait-for-state" -d '{"state": "ended", "virtual_seconds": 60}' >/dev/null
control "$CONTROL_URL/ladder?width=72"
