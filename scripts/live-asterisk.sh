#!/usr/bin/env bash
# live-asterisk.sh - throw-away Asterisk servers for live ARI tests, on loopback only.
#
#   live-asterisk.sh install 22|16 DIR     fetch and unpack that series' Debian packages into DIR
#   live-asterisk.sh start   DIR [PORT]    write a configuration, start, wait until ARI answers
#   live-asterisk.sh stop    DIR           stop it (by its pid file, never by process name)
#   live-asterisk.sh restart DIR [PORT]    without PORT: where it was
#   live-asterisk.sh status  DIR           one line; exit 0 when ARI answers
#   live-asterisk.sh cli     DIR COMMAND…  run an Asterisk CLI command
#   live-asterisk.sh env     DIR           KEY=VALUE lines (ARI_URL, ARI_USER, …) to source
#   live-asterisk.sh verify  DIR           check that every loaded module's libraries resolve
#   live-asterisk.sh remove  DIR           stop it and delete DIR
#
# apt resolves, downloads and checks (Debian's signatures and hashes) in a private state, so the
# machine's package database, sources and configuration stay untouched. Asterisk and its
# libraries are unpacked and run by the unpacked tree's own ld.so and libc: no root, no chroot,
# no containers, no maintainer scripts.
#
# Needs a Debian or an Ubuntu with the package debian-archive-keyring. Without a Debian mirror in
# the machine's apt configuration (Ubuntu), DEBIAN_MIRROR must be set.
# Two servers run side by side on different ports and, sharing a DIR, with different LIVE_RUNs.
#
# Knobs (environment):
#   DEBIAN_MIRROR           default: the Debian mirror of this machine's own apt configuration
#   DEBIAN_SECURITY_MIRROR  default: likewise, its security mirror
#   DEBIAN_KEYRING          default: the one of the package debian-archive-keyring
#   LIVE_PACKAGES           extra packages to unpack (such as "asterisk-opus")
#   LIVE_KEEP_DEBS=1        keep the downloaded packages in DIR/debs
#   LIVE_RUN                run directory (default DIR/run)
#   LIVE_OWNER              process id: when it is gone, the server stops too
#   LIVE_KEEP_STATE=1       keep the database and the recordings of the previous start
#   LIVE_CHANNELVARS        ari.conf channelvars=…
#   LIVE_SESSION_LIMIT      http.conf sessionlimit       (default 1000; Asterisk's own is 100)
#   LIVE_KEEP_ALIVE         http.conf session_keep_alive (default 15000 ms, as Asterisk)
#   LIVE_ORIGINS            ari.conf allowed_origins     (default http://ari.test)
#   LIVE_PORT               default of PORT              (8088; series 16: 8016)
#   LIVE_SIP=0              no SIP. With SIP, pjproject's DNS client holds two UDP sockets on
#                           wildcard addresses (nothing is served there)
#   LIVE_SIP_PORT           SIP over UDP and TCP         (default PORT-3000)
#   LIVE_UAS_PORT           where PJSIP/uas is dialled   (default PORT-2000)
#   LIVE_RTP_START          first RTP port               (default 10000 + 1000*(PORT%20))
#   LIVE_RTP_COUNT          number of RTP ports          (default 1000)
#   LIVE_OUT_PORT           22: where outbound ARI websockets dial, media on the next port
#                           (default PORT+1000)
#   LIVE_OUT_PERSISTENT=1   22: define the persistent outbound websocket too
#   LIVE_TLS=0              no https and wss on PORT+1 (also without openssl, which makes the key)
#   LIVE_EXTRA_CONF         directory whose *.conf files replace the generated ones
#   LIVE_ACCESS             a user of theirs, as NAME:PASSWORD (default asterisk:asterisk)
#   LIVE_VERBOSE LIVE_DEBUG Asterisk's levels (default 0)
#
# Templates, module lists and the two other parts of this script: live-asterisk/.
set -euo pipefail
shopt -s extglob
umask 022
export LC_ALL=C

SELF=$(readlink -f "${BASH_SOURCE[0]}")
PARTS=${SELF%.sh}
ACCESS=$(printf %s "${LIVE_ACCESS:-asterisk:asterisk}" | base64 -w 0) # of HTTP's Basic authentication

die() {
    printf 'live-asterisk: %s\n' "$*" >&2
    exit 1
}
note() { printf 'live-asterisk: %s\n' "$*" >&2; }
usage() {
    awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$SELF"
    exit "${1:-2}"
}
now_ms() { echo $((${EPOCHREALTIME//[.,]/} / 1000)); }

lock() { # hold FILE's lock until this script ends
    if command -v flock >/dev/null; then
        exec 9>"$1"
        flock 9
    fi
}

# ------------------------------------------------------------------ the unpacked tree
locate() { # sets ROOT LOADER LIBPATH AST MODDIR SHARE for DIR; false when something lacks
    local f
    ROOT=$1/root LOADER='' MODDIR='' LIBPATH=''
    for f in "$ROOT"/usr/lib/*-linux-gnu*/ld-linux*.so.* "$ROOT"/lib/*-linux-gnu*/ld-linux*.so.*; do
        [ -e "$f" ] && LOADER=$f && break
    done
    for f in "$ROOT"/usr/lib/*-linux-gnu*/asterisk/modules "$ROOT"/usr/lib/asterisk/modules; do
        [ -d "$f" ] && MODDIR=$f && break
    done
    for f in "$ROOT"/usr/lib/*-linux-gnu* "$ROOT"/lib/*-linux-gnu* "$ROOT"/usr/lib; do
        if [ -d "$f" ]; then LIBPATH+=${LIBPATH:+:}$f; fi
    done
    AST=$ROOT/usr/sbin/asterisk
    SHARE=$ROOT/usr/share/asterisk
    [ -n "$LOADER" ] && [ -n "$MODDIR" ] && [ -x "$AST" ]
}

# The unpacked Asterisk with its own libc; nothing of the machine's libraries or OpenSSL settings.
ast() {
    env -u LD_LIBRARY_PATH -u LD_PRELOAD GCONV_PATH="${LOADER%/*}/gconv" OPENSSL_CONF=/dev/null \
        "$LOADER" --inhibit-cache --library-path "$LIBPATH" "$AST" "$@"
}

major_of() {
    local v
    v=$(<"$1/version")
    echo "${v%%.*}"
}

# shellcheck source-path=SCRIPTDIR source=live-asterisk/install.sh
. "$PARTS/install.sh"
# shellcheck source-path=SCRIPTDIR source=live-asterisk/configure.sh
. "$PARTS/configure.sh"

# ------------------------------------------------------------------ one server
instance() { # sets DIR RUN CONF PIDFILE and the tree's variables
    [ -n "${1:-}" ] || usage
    DIR=$(cd "$1" 2>/dev/null && pwd -P) || die "no such directory: $1"
    if ! [ -e "$DIR/version" ] || ! locate "$DIR"; then
        die "nothing installed in $DIR: run install first"
    fi
    RUN=${LIVE_RUN:-$DIR/run}
    case $RUN in /*) ;; *) RUN=$PWD/$RUN ;; esac
    CONF=$RUN/etc/asterisk.conf
    PIDFILE=$RUN/server.pid
}

# There, and no zombie. Not by its command line: that is empty for a moment during an exec.
alive() { grep -q '^State:[[:space:]]*[^XZ]' "/proc/$1/status"; } 2>/dev/null

server_pid() { # the pid in our pid file, if that process is really our server
    local p
    p=$(cat "$PIDFILE" 2>/dev/null) && [ -n "$p" ] &&
        tr '\0' '\n' 2>/dev/null <"/proc/$p/cmdline" | grep -qxF "$CONF" && echo "$p"
} 2>/dev/null

running() { server_pid >/dev/null; }

setting() { sed -n "s/^$1=//p" "$RUN/env" 2>/dev/null || true; } # of the last start

ari_code() { # HTTP status of /ari/asterisk/info on 127.0.0.1:PORT; empty when nothing answers
    local line=''
    { exec 8<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 0
    printf '%s\r\n' 'GET /ari/asterisk/info?only=system HTTP/1.1' 'Host: 127.0.0.1' \
        "Authorization: Basic $ACCESS" 'Connection: close' '' >&8 2>/dev/null || true
    read -r -t 5 line <&8 2>/dev/null || true
    exec 8>&-
    line=${line#* }
    echo "${line%% *}"
}

launch() { # in a session of its own; -f keeps it in the foreground, so $! is the server
    exec </dev/null >>"$RUN/log/console" 2>&1 9>&-
    cd "$RUN"
    ulimit -n "$(ulimit -H -n)" || true
    export HOME=$RUN GCONV_PATH=${LOADER%/*}/gconv OPENSSL_CONF=/dev/null
    unset LD_LIBRARY_PATH LD_PRELOAD
    setsid "$LOADER" --inhibit-cache --library-path "$LIBPATH" "$AST" -f -C "$CONF" &
    echo $! >"$PIDFILE"
}

cmd_start() {
    instance "${1:-}"
    local port=${2:-${LIVE_PORT:-}} code='' pid t0 i
    if [ -z "$port" ]; then
        if [ "$(major_of "$DIR")" = 16 ]; then port=8016; else port=8088; fi
    fi
    case $port in *[!0-9]*) die "bad port '$port'" ;; esac
    # "$RUN/pid/asterisk.ctl" is a unix socket
    [ ${#RUN} -le 85 ] || die "run directory too long for a unix socket: $RUN (set LIVE_RUN)"
    claim_run
    lock "$RUN/.lock"
    if pid=$(server_pid); then
        note "already running: pid $pid, $(setting ARI_URL)"
        return 0
    fi
    for ((i = 0; i < 20; i++)); do # a server that just ended may hold the port a moment longer
        [ -n "$(ari_code "$port")" ] || break
        sleep 0.05
    done
    [ "$i" -lt 20 ] || die "something already listens on 127.0.0.1:$port"
    configure "$port"
    t0=$(now_ms)
    (launch)
    pid=$(<"$PIDFILE")
    for ((i = 0; i < 1500; i++)); do
        if ! alive "$pid"; then
            tail -n 20 "$RUN/log/console" "$RUN/log/messages.log" >&2 2>/dev/null || true
            die "asterisk died while starting"
        fi
        code=$(ari_code "$port")
        [ "$code" = 200 ] && break
        sleep 0.02
    done
    [ "$code" = 200 ] || die "ARI not ready in time (status '$code'); log: $RUN/log/messages.log"
    ast -C "$CONF" -rx 'core waitfullybooted' >/dev/null 2>&1 || true
    if [ -n "${LIVE_OWNER:-}" ]; then # its own session: what kills the owner's group spares it
        LIVE_RUN=$RUN setsid "$BASH" "$SELF" watch "$DIR" "$pid" </dev/null >/dev/null 2>&1 9>&- &
    fi
    note "Asterisk $(<"$DIR/version") ready on $(setting ARI_URL) after $(($(now_ms) - t0)) ms" \
        "(pid $pid, run directory $RUN)"
}

cmd_watch() { # internal: stop server PID of DIR once LIVE_OWNER is gone
    instance "$1"
    while [ "$(server_pid)" = "$2" ]; do
        if ! alive "$LIVE_OWNER"; then
            cmd_stop "$1"
            return
        fi
        sleep 1
    done
}

cmd_stop() {
    instance "${1:-}"
    local pid i
    if ! pid=$(server_pid); then
        rm -f "$PIDFILE"
        note "not running"
        return 0
    fi
    kill -TERM "$pid" 2>/dev/null || true
    for ((i = 0; i < 200; i++)); do
        if ! running; then
            rm -f "$PIDFILE"
            note "stopped"
            return 0
        fi
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null || true
    rm -f "$PIDFILE"
    note "killed after 10 s"
}

cmd_restart() {
    instance "${1:-}"
    local port=${2:-$(setting ARI_PORT)}
    cmd_stop "$1"
    cmd_start "$1" "$port"
}

cmd_status() {
    instance "${1:-}"
    local pid port code
    if ! pid=$(server_pid); then
        echo "stopped $(<"$DIR/version")"
        return 3
    fi
    port=$(setting ARI_PORT)
    code=$(ari_code "$port")
    echo "running $(<"$DIR/version") pid=$pid port=$port ari=$code"
    [ "$code" = 200 ]
}

cmd_cli() {
    instance "${1:-}"
    shift
    running || die "not running"
    ast -C "$CONF" -rx "$*"
}

cmd_env() {
    instance "${1:-}"
    [ -e "$RUN/env" ] || die "never started: $RUN"
    cat "$RUN/env"
}

cmd_remove() {
    [ -n "${1:-}" ] || usage
    [ -d "$1" ] || return 0
    [ -e "$1/version" ] || [ -e "$1/apt" ] || die "$1 is not one of this script's directories"
    if [ -e "$1/version" ]; then cmd_stop "$1"; fi
    rm -rf "$1"
}

cmd=${1:-help}
[ $# -eq 0 ] || shift
case $cmd in
    install | start | stop | restart | status | cli | env | verify | remove | watch) "cmd_$cmd" "$@" ;;
    help | -h | --help) usage 0 ;;
    *) usage ;;
esac
