# shellcheck shell=bash
# Part of live-asterisk.sh: a run directory and its configuration, from the templates in etc/.

patterns() { # FILE -> @(a|b|…)
    local all
    all=$(sed 's/#.*//; s/[[:space:]]//g; /^$/d' "$1" | tr '\n' '|')
    echo "@(${all%|})"
}

modules() { # names of the modules to load from this tree
    local f b load skip
    load=$(patterns "$PARTS/modules.load")
    skip=$(patterns "$PARTS/modules.skip")
    [ "${LIVE_SIP:-1}" != 0 ] || skip="@($skip|chan_pjsip|res_pjsip*|func_pjsip*)"
    for f in "$MODDIR"/*.so; do
        b=${f##*/}
        b=${b%.so}
        # shellcheck disable=SC2053  # patterns
        if [[ $b == $load && $b != $skip ]]; then echo "$b"; fi
    done
}

claim_run() {
    mkdir -p "$RUN"
    if ! [ -e "$RUN/.live-asterisk" ] && [ -n "$(ls -A "$RUN")" ]; then
        die "$RUN is not empty and was not made by this script"
    fi
    touch "$RUN/.live-asterisk"
}

directories() {
    local d
    rm -rf "${RUN:?}/etc" "${RUN:?}/data"
    [ -n "${LIVE_KEEP_STATE:-}" ] || rm -rf "${RUN:?}/var" "${RUN:?}/spool" "${RUN:?}/log"
    mkdir -p "$RUN"/{etc,var,cache,spool/recording,spool/tmp,spool/outgoing,log,pid,keys/keys,data}
    for d in "$SHARE"/*; do
        [ "${d##*/}" = sounds ] || ln -s "$d" "$RUN/data/"
    done
}

# sound:NAME looks in sounds/en, then in sounds itself: sound:custom/NAME and
# sound:recordings/NAME serve tests that bring audio of their own. What is linked into en/ is
# in GET /sounds too.
sounds() {
    local from=$SHARE/sounds/en_US_f_Allison to=$RUN/data/sounds f
    mkdir -p "$to/en" "$to/custom"
    ln -s "$from"/* "$to/custom" "$to/en/"
    ln -s "$RUN/spool/recording" "$to/recordings"
    for f in gsm wav; do
        ln -s "$from/hello-world.$f" "$to/en/welcome.$f"
        ln -s "$from/hello-world.$f" "$to/welcome.$f"
        ln -s "$from/hello-world.$f" "$to/custom/welcome.$f"
        ln -s "$from/hello-world.$f" "$to/custom/greeting.$f"
    done
}

tls_key() { # false when https is not wanted or not possible
    [ "${LIVE_TLS:-1}" != 0 ] && command -v openssl >/dev/null || return 1
    [ -e "$RUN/keys/tls.pem" ] && return
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost \
        -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
        -keyout "$RUN/keys/tls.key" -out "$RUN/keys/tls.crt" 2>/dev/null &&
        cat "$RUN/keys/tls.crt" "$RUN/keys/tls.key" >"$RUN/keys/tls.pem"
}

# Fill in the templates of etc/LAYER and append them to the files of the same names.
layer() {
    local template text key
    for template in "$PARTS/etc/$1"/*.conf; do
        text=$(<"$template")
        for key in "${!value[@]}"; do
            text=${text//"@$key@"/"${value[$key]}"}
        done
        [[ $text != *@+([A-Z_])@* ]] || die "a name in $template has no value"
        printf '%s\n' "$text" >>"$RUN/etc/${template##*/}"
    done
}

configure() { # PORT
    local port=$1 major name
    local sip=${LIVE_SIP_PORT:-$((port - 3000))} uas=${LIVE_UAS_PORT:-$((port - 2000))}
    local out=${LIVE_OUT_PORT:-$((port + 1000))} tls=''
    local rtp=${LIVE_RTP_START:-$((10000 + 1000 * (port % 20)))}
    major=$(major_of "$DIR")
    directories
    sounds
    local -A value=(
        [RUN]=$RUN [ROOT]=$ROOT [MODDIR]=$MODDIR
        [VERBOSE]=${LIVE_VERBOSE:-0} [DEBUG]=${LIVE_DEBUG:-0}
        [ENTITYID]=$(printf '02:00:00:00:%02x:%02x' $((port / 256)) $((port % 256)))
        [PORT]=$port [TLS_PORT]=$((port + 1))
        [SESSION_LIMIT]=${LIVE_SESSION_LIMIT:-1000} [KEEP_ALIVE]=${LIVE_KEEP_ALIVE:-15000}
        [ORIGINS]=${LIVE_ORIGINS:-http://ari.test}
        [CHANNELVARS]=${LIVE_CHANNELVARS:+channelvars = $LIVE_CHANNELVARS}
        [SIP_PORT]=$sip [UAS_PORT]=$uas [OUT_PORT]=$out [MEDIA_PORT]=$((out + 1))
        [RTP_START]=$rtp [RTP_END]=$((rtp + ${LIVE_RTP_COUNT:-1000} - 1))
        [STASIS_POOL]=$([ "$major" -ge 22 ] && echo taskpool || echo threadpool)
    )
    layer common
    if tls_key; then
        layer tls
        tls=$((port + 1))
    fi
    if [ "$major" -ge 20 ]; then layer 20; fi
    if [ "$major" -ge 20 ] && [ -n "${LIVE_OUT_PERSISTENT:-}" ]; then layer persistent; fi
    if [ -e "$MODDIR/app_stasis_broadcast.so" ]; then layer broadcast; fi
    # present but empty: Asterisk complains about a file that is not there
    for name in features confbridge udptl ccss cli cli_permissions dnsmgr extconfig codecs dsp pjproject res_http_media_cache; do
        echo '[general]' >"$RUN/etc/$name.conf"
    done
    : >"$RUN/etc/acl.conf"
    { printf '[modules]\nautoload = no\n' && modules | sed 's/.*/load = &.so/'; } >"$RUN/etc/modules.conf"
    if [ -n "${LIVE_EXTRA_CONF:-}" ]; then cp "$LIVE_EXTRA_CONF"/*.conf "$RUN/etc/"; fi
    cat >"$RUN/env" <<ENV
LIVE_VERSION=$(<"$DIR/version")
LIVE_RUN=$RUN
ARI_URL=http://127.0.0.1:$port/ari
ARI_WS_URL=ws://127.0.0.1:$port/ari/events
ARI_PORT=$port
ARI_TLS_PORT=$tls
ARI_USER=asterisk
ARI_PASSWORD=asterisk
ARI_READER=reader
ARI_READER_PASSWORD=reader
SIP_PORT=$sip
UAS_PORT=$uas
RTP_START=$rtp
ARI_OUT_PORT=$out
ENV
}
