# shellcheck shell=bash disable=SC2154
# Part of live-nats.sh and live-redis.sh, which say what the server is: its package, its start, its end.
export LC_ALL=C

die() {
    printf 'live-%s: %s\n' "$NAME" "$*" >&2
    exit 1
}
note() { printf 'live-%s: %s\n' "$NAME" "$*" >&2; }
usage() {
    awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$SELF"
    exit "${1:-2}"
}

RUN=${LIVE_RUN:-${XDG_RUNTIME_DIR:-/tmp}/live-$NAME}
case $RUN in /*) ;; *) RUN=$PWD/$RUN ;; esac
CONF=$RUN/server.conf
PIDFILE=$RUN/server.pid
FOLDER=${LIVE_FOLDER:-${ARI_LIVE_CACHE:-$HOME/.cache/asterisk-ari/live}/$NAME}

# There, and no zombie.
alive() { grep -q '^State:[[:space:]]*[^XZ]' "/proc/$1/status"; } 2>/dev/null

server_pid() { # the pid in our pid file, if that process was started in this run directory
    local p
    p=$(cat "$PIDFILE" 2>/dev/null) && [ -n "$p" ] && alive "$p" || return 1
    case $(readlink "/proc/$p/cwd") in "$RUN" | "$RUN/state") echo "$p" ;; *) return 1 ;; esac
} 2>/dev/null

setting() { sed -n "s/^${NAME^^}_$1=//p" "$RUN/env" 2>/dev/null || true; } # of the last start

# ------------------------------------------------------------------ the program
find_program() { # sets SERVER, and LIBRARIES for one that was unpacked
    LIBRARIES=''
    if [ -n "${LIVE_SERVER:-}" ]; then
        SERVER=$LIVE_SERVER
    elif [ -z "${LIVE_UNPACKED:-}" ] && SERVER=$(PATH=$PATH:/usr/sbin command -v "$PROGRAM"); then
        return
    else
        [ -e "$FOLDER/packages" ] || cmd_install "$FOLDER"
        SERVER=$(find "$FOLDER/root" -name "$PROGRAM" -path '*bin/*' | head -n 1)
        LIBRARIES=$(find "$FOLDER/root" -type d -name '*-linux-gnu*' | paste -sd :)
        [ -n "$SERVER" ] || die "the packages in $FOLDER have no $PROGRAM"
    fi
}

cmd_install() { # the packages and their libraries, but for libc: they are of this machine's own release
    local dir=${1:-$FOLDER} apt deb packages
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd -P)
    apt=$dir/apt
    rm -rf "$apt" "$dir/debs" "$dir/root"
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/log" "$dir/debs" "$dir/root"
    : >"$apt/status"
    cat >"$apt/conf" <<CONF
Dir::State "$apt/state"; Dir::State::status "$apt/status"; Dir::Cache "$apt/cache"; Dir::Log "$apt/log";
APT::Install-Recommends "false"; APT::Sandbox::User ""; Acquire::Languages "none"; Acquire::Retries "2";
#clear APT::Update::Post-Invoke; #clear APT::Update::Post-Invoke-Success;
CONF
    export APT_CONFIG=$apt/conf
    apt-get -qq update || die "the machine's apt cannot be read: see above"
    packages=$(apt-get -qq -s install "${PACKAGES[@]}" | awk '$1 == "Inst" { sub(/^\(/, "", $3); print $2 "=" $3 }' |
        grep -E "^(${PROGRAM}|redis-tools|lib(jemalloc|lzf|lua|hiredis|atomic|systemd|cap|gcrypt|gpg-error|lz4)[^=]*)=") ||
        die "this machine's apt has no package $PROGRAM"
    # shellcheck disable=SC2086  # one word for each package
    (cd "$dir/debs" && apt-get -qq download $packages) || die "cannot fetch $PROGRAM: see above"
    unset APT_CONFIG
    for deb in "$dir"/debs/*.deb; do dpkg-deb -x "$deb" "$dir/root"; done
    rm -rf "$apt" "$dir/debs"
    printf '%s\n' "$packages" >"$dir/packages"
    note "unpacked $(tr '\n' ' ' <"$dir/packages")into $dir"
}

# ------------------------------------------------------------------ one server
launch() { # in a session of its own
    exec </dev/null >>"$RUN/log" 2>&1 9>&-
    cd "$RUN"
    if [ -n "$LIBRARIES" ]; then export LD_LIBRARY_PATH=$LIBRARIES; fi
    setsid "$SERVER" "${ARGUMENTS[@]}" &
    echo $! >"$PIDFILE"
}

cmd_start() {
    local port=${1:-$DEFAULT_PORT} pid i
    case $port in *[!0-9]*) die "bad port '$port'" ;; esac
    mkdir -p "$RUN"
    if ! [ -e "$RUN/.live-$NAME" ] && [ -n "$(ls -A "$RUN")" ]; then
        die "$RUN is not empty and was not made by this script"
    fi
    touch "$RUN/.live-$NAME"
    RUN=$(cd "$RUN" && pwd -P)
    exec 9>"$RUN/.lock"
    if command -v flock >/dev/null; then flock 9; fi
    if pid=$(server_pid); then
        note "already running: pid $pid, $(setting URL)"
        return 0
    fi
    if answers "$port"; then die "something already listens on 127.0.0.1:$port"; fi
    find_program
    [ -n "${LIVE_KEEP_STATE:-}" ] || rm -rf "${RUN:?}/state"
    mkdir -p "$RUN/state"
    : >"$RUN/log"
    configure "$port" >"$CONF"
    printf '%s\n' "${NAME^^}_URL=$NAME://127.0.0.1:$port" "${NAME^^}_PORT=$port" >"$RUN/env"
    arguments
    (launch)
    pid=$(<"$PIDFILE")
    for ((i = 0; i < 500; i++)); do
        if ! alive "$pid"; then
            tail -n 20 "$RUN/log" >&2
            die "$PROGRAM died while starting"
        fi
        if answers "$port"; then break; fi
        sleep 0.02
    done
    [ "$i" -lt 500 ] || die "$PROGRAM not ready in time; log: $RUN/log"
    if [ -n "${LIVE_OWNER:-}" ]; then # its own session: what kills the owner's group spares it
        LIVE_RUN=$RUN setsid "$BASH" "$SELF" watch "$pid" </dev/null >/dev/null 2>&1 9>&- &
    fi
    note "ready on $(setting URL) (pid $pid, run directory $RUN)"
}

cmd_watch() { # internal: stop server PID once LIVE_OWNER is gone
    while [ "$(server_pid)" = "$1" ]; do
        if ! alive "$LIVE_OWNER"; then
            cmd_stop
            return
        fi
        sleep 1
    done
}

end_by() { # SIGNAL: and wait until it has ended
    local pid i
    if ! pid=$(server_pid); then
        rm -f "$PIDFILE"
        note "not running"
        return 0
    fi
    kill "-$1" "$pid" 2>/dev/null || true
    for ((i = 0; i < 200; i++)); do
        if ! alive "$pid"; then
            rm -f "$PIDFILE"
            return 0
        fi
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null || true
    rm -f "$PIDFILE"
    note "killed after 10 s"
}

cmd_stop() { end_by TERM; }
cmd_kill() { end_by KILL; }

cmd_restart() {
    local port=${1:-$(setting PORT)}
    cmd_stop
    LIVE_KEEP_STATE=1 cmd_start "$port"
}

cmd_status() {
    local pid
    if ! pid=$(server_pid); then
        echo stopped
        return 3
    fi
    echo "running pid=$pid port=$(setting PORT)"
    answers "$(setting PORT)"
}

cmd_env() {
    [ -e "$RUN/env" ] || die "never started: $RUN"
    cat "$RUN/env"
}

cmd=${1:-help}
[ $# -eq 0 ] || shift
case $cmd in
    install | start | stop | kill | restart | status | env | watch) "cmd_$cmd" "$@" ;;
    help | -h | --help) usage 0 ;;
    *) usage ;;
esac
