#!/usr/bin/env bash
# live-nats.sh - a throw-away NATS server with JetStream for tests, on loopback only.
#
#   live-nats.sh start   [PORT]   start it (14222), wait until it answers
#   live-nats.sh stop             stop it (by its pid file, never by process name)
#   live-nats.sh restart [PORT]   what is in JetStream stays; without PORT: where it was
#   live-nats.sh kill             end it as a crash would
#   live-nats.sh status           one line; exit 0 when it answers
#   live-nats.sh env              KEY=VALUE lines (NATS_URL, NATS_PORT) to source
#   live-nats.sh install [DIR]    fetch and unpack Debian's package into DIR, without root
#
# The machine's own nats-server is taken where there is one (apt install nats-server), otherwise
# start fetches the package by the machine's apt, in a private state.
#
# Knobs (environment):
#   LIVE_RUN         run directory (default: $XDG_RUNTIME_DIR or /tmp, …/live-nats)
#   LIVE_SERVER      the program to start, in place of all others
#   LIVE_UNPACKED    1: the one that install fetches, whatever the machine has
#   LIVE_CONF        file of further configuration, such as users and their permissions
#   LIVE_KEEP_STATE  1: keep what is in JetStream since the previous start
#   LIVE_OWNER       process id: when it is gone, the server stops too
#   LIVE_FOLDER      where install unpacks to (default ~/.cache/asterisk-ari/live/nats)
set -euo pipefail
umask 077
NAME=nats PROGRAM=nats-server PACKAGES=(nats-server) DEFAULT_PORT=14222
SELF=$(readlink -f "${BASH_SOURCE[0]}")

configure() { # PORT
    cat <<CONF
listen: "127.0.0.1:$1"
server_name: "live"
jetstream { store_dir: "$RUN/state", max_memory_store: 64MB, max_file_store: 1GB }
CONF
    if [ -n "${LIVE_CONF:-}" ]; then cat "$LIVE_CONF"; fi
}

arguments() { ARGUMENTS=(-c "$CONF"); }

answers() { # PORT: it greets whoever connects
    local line=''
    { exec 8<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
    read -r -t 2 line <&8 2>/dev/null || true
    exec 8>&-
    [[ $line == INFO* ]]
}

# shellcheck source-path=SCRIPTDIR source=live-broker/server.sh
. "${SELF%/*}/live-broker/server.sh"
