#!/usr/bin/env bash
# live-redis.sh - a throw-away Redis server for tests, on loopback only.
#
#   live-redis.sh start   [PORT]   start it (16379), wait until it answers
#   live-redis.sh stop             stop it (by its pid file, never by process name)
#   live-redis.sh restart [PORT]   what was written stays; without PORT: where it was
#   live-redis.sh kill             end it as a crash would
#   live-redis.sh status           one line; exit 0 when it answers
#   live-redis.sh env              KEY=VALUE lines (REDIS_URL, REDIS_PORT) to source
#   live-redis.sh install [DIR]    fetch and unpack Debian's packages into DIR, without root
#
# The machine's own redis-server is taken where there is one (apt install redis-server), otherwise
# start fetches the packages by the machine's apt, in a private state.
#
# Knobs (environment):
#   LIVE_RUN         run directory (default: $XDG_RUNTIME_DIR or /tmp, …/live-redis)
#   LIVE_SERVER      the program to start, in place of all others
#   LIVE_UNPACKED    1: the one that install fetches, whatever the machine has
#   LIVE_CONF        file of further configuration, such as users
#   LIVE_KEEP_STATE  1: keep what was written since the previous start
#   LIVE_OWNER       process id: when it is gone, the server stops too
#   LIVE_FOLDER      where install unpacks to (default ~/.cache/asterisk-ari/live/redis)
set -euo pipefail
umask 077
NAME=redis PROGRAM=redis-server PACKAGES=(redis-server redis-tools) DEFAULT_PORT=16379
SELF=$(readlink -f "${BASH_SOURCE[0]}")

configure() { # PORT
    printf '%s\n' "bind 127.0.0.1" "port $1" "dir $RUN/state" "appendonly yes" "save ''" "daemonize no"
    if [ -n "${LIVE_CONF:-}" ]; then cat "$LIVE_CONF"; fi
}

arguments() { ARGUMENTS=("$CONF"); }

answers() { # PORT: with a password, it says that one is wanted
    local line=''
    { exec 8<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
    printf 'PING\r\n' >&8 2>/dev/null || true
    read -r -t 2 line <&8 2>/dev/null || true
    exec 8>&-
    [[ $line == +PONG* || $line == -NOAUTH* ]]
}

# shellcheck source-path=SCRIPTDIR source=live-broker/server.sh
. "${SELF%/*}/live-broker/server.sh"
