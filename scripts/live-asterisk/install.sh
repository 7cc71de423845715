# shellcheck shell=bash
# Part of live-asterisk.sh: fetch and unpack Debian's packages of one Asterisk series.

PACKAGES=(asterisk asterisk-modules asterisk-core-sounds-en-gsm asterisk-core-sounds-en-wav
    asterisk-moh-opsound-gsm)

# Of everything apt would install, only Asterisk, its data and shared libraries are unpacked; the
# rest (perl, gnupg, snmp, …) serves maintainer scripts or modules that are never loaded here.
wanted() { # SERIES PACKAGE
    case $2 in
        libperl* | libsnmp* | libcodec2* | libpam-* | liblocale-* | libgssglue*) return 1 ;;
        libc-gconv* | libsemanage*) return 1 ;;
        asterisk-config | asterisk-doc | asterisk-voicemail*) return 1 ;;
        libicu*) [ "$1" = 16 ] ;; # 35 MB; only bullseye's libxml2 needs it
        asterisk* | lib* | zlib1g*) ;;
        *) return 1 ;;
    esac
}

keyring() {
    local f tried=(/usr/share/keyrings/debian-archive-keyring.{gpg,pgp})
    [ -z "${DEBIAN_KEYRING:-}" ] || tried=("$DEBIAN_KEYRING")
    for f in "${tried[@]}"; do
        if [ -r "$f" ]; then
            echo "$f"
            return
        fi
    done
    die "no Debian keyring ${tried[0]}: install the package debian-archive-keyring" \
        "(Ubuntu has it too) or set DEBIAN_KEYRING"
}

# ------------------------------------------------------------------ the machine's mirror
repositories() { # "LABEL ADDRESS" lines of this machine's apt; "-" where the label is not known
    local etc=/etc/apt f
    # shellcheck disable=SC2016  # apt's own variables
    apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null || true
    # apt lists nothing before its first update: read the sources themselves, in both formats
    eval "$(apt-config shell etc Dir::Etc/d 2>/dev/null)"
    etc=${etc%/}
    cat "$etc"/sources.list "$etc"/sources.list.d/*.list 2>/dev/null |
        awk '/^[ \t]*deb[ \t]/ { sub(/\[[^]]*\]/, ""); print "-", $2 }' || true
    for f in "$etc"/sources.list.d/*.sources; do
        [ ! -r "$f" ] || deb822_uris "$f"
    done
}

deb822_uris() {
    awk 'function flush(   i) { for (i = 1; on && i <= n; i++) print "-", uri[i]; n = 0; on = 1 }
        BEGIN { on = 1 }
        /^#/ { next }
        /^[ \t]*$/ { flush(); next }
        /^[^ \t]/ { field = tolower($1) }
        field == "enabled:" && tolower($2) ~ /^(no|false|off|0|without|disable)$/ { on = 0 }
        field == "uris:" { for (i = 1; i <= NF; i++) if ($i ~ /:\//) uri[++n] = $i }
        END { flush() }' "$1"
}

debian_mirror() { # LABEL and PATTERN of the address: the first repository that has either
    local label uri
    repositories | while read -r label uri; do
        case $uri in
            mirror+file:*) # cloud images: a file that lists the mirrors
                uri=/${uri#mirror+file:*(/)}
                uri=$(awk '!/^#/ && NF { print $1; exit }' "${uri%/}" 2>/dev/null) || continue
                ;;
            http:* | https:* | file:* | copy:*) ;;
            *) continue ;;
        esac
        uri=${uri%/}
        # shellcheck disable=SC2053  # a pattern
        if [ "$label" = "$1" ] || [[ $uri == $2 ]]; then
            echo "$uri"
            break
        fi
    done || true
}

# ------------------------------------------------------------------ a private apt
# Of the machine's apt configuration only its way to the network (proxies, certificates) is
# taken over. Old suites' Release files expire, so that check is off; signatures and hashes are
# still enforced.
private_apt() { # APTDIR SUITE MIRROR SECURITY_MIRROR
    local apt=$1 arch key
    arch=$(dpkg --print-architecture)
    key=$(keyring) || exit 1
    rm -rf "$apt"
    mkdir -p "$apt"/etc/{apt.conf.d,preferences.d,sources.list.d,trusted.gpg.d} \
        "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/log"
    : >"$apt/status"
    echo "deb [signed-by=$key] $3 $2 main" >"$apt/etc/sources.list"
    [ "$2" = sid ] || echo "deb [signed-by=$key] $4 $2-security main" >>"$apt/etc/sources.list"
    {
        apt-config dump 2>/dev/null | grep -E '^Acquire::https?::' || true
        cat <<CONF
Dir::Etc "$apt/etc"; Dir::State "$apt/state"; Dir::State::status "$apt/status";
Dir::Cache "$apt/cache"; Dir::Log "$apt/log";
APT::Architecture "$arch"; APT::Architectures { "$arch"; };
APT::Install-Recommends "false"; APT::Sandbox::User ""; APT::Update::Error-Mode "any";
Acquire::Languages "none"; Acquire::Check-Valid-Until "false"; Acquire::Check-Date "false";
Acquire::Retries "2"; Acquire::http::Timeout "30"; Acquire::https::Timeout "30";
#clear APT::Update::Post-Invoke; #clear APT::Update::Post-Invoke-Success; #clear DPkg::Post-Invoke;
#clear Acquire::IndexTargets::deb::DEP-11; #clear Acquire::IndexTargets::deb::CNF;
CONF
    } >"$apt/apt.conf"
    export APT_CONFIG=$apt/apt.conf
}

apt_try() { # WHAT apt-get arguments…: on failure one line, with apt's first complaint
    local what=$1 log reason
    log=${APT_CONFIG%/*}/log/output
    shift
    if ! apt-get -qq "$@" 2>"$log"; then
        reason=$(grep -m1 '^E:' "$log" || grep -m1 '^[WN]:' "$log" || tail -n 1 "$log")
        die "$what: ${reason:-apt-get $1 failed}"
    fi
}

unpack() { # DEB ROOT
    local skip=() path
    for path in usr/share/{doc,man,locale,lintian,bug} usr/bin usr/include usr/lib/systemd 'usr/lib/*/gio' \
        'usr/lib/*/perl*' usr/share/asterisk/{conf,firmware} etc var bin sbin lib/systemd; do
        skip+=(--exclude="./$path")
    done
    dpkg-deb --fsys-tarfile "$1" |
        tar -x -C "$2" --no-same-owner --keep-directory-symlink "${skip[@]}" -f -
}

# ------------------------------------------------------------------ the commands
cmd_install() {
    local series=${1:-} dir=${2:-} suite t0 m s deb ver
    [ -n "$dir" ] || usage
    case $series in
        22) suite=sid ;;
        16) suite=bullseye ;;
        *) die "unknown series '$series' (22 or 16)" ;;
    esac
    for deb in apt-get dpkg-deb tar awk; do
        command -v "$deb" >/dev/null || die "needs $deb: a Debian or an Ubuntu"
    done
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd -P)
    case $dir in *[[:space:]\;:\'\"]*) die "no spaces, quotes, colons, semicolons in: $dir" ;; esac
    lock "$dir/.lock"
    if [ -e "$dir/version" ] && locate "$dir"; then
        [ "$(major_of "$dir")" = "$series" ] || die "$dir already holds Asterisk $(<"$dir/version")"
        note "already installed: Asterisk $(<"$dir/version") in $dir"
        return 0
    fi
    t0=$(now_ms)
    m=${DEBIAN_MIRROR:-$(debian_mirror Debian '*/debian')}
    s=${DEBIAN_SECURITY_MIRROR:-$(debian_mirror Debian-Security '*/debian-security')}
    [ -n "$m" ] || die "this machine's apt knows no Debian mirror: set DEBIAN_MIRROR to the address of one"
    [ -n "$s" ] || s=${m%/}-security
    private_apt "$dir/apt" "$suite" "$m" "$s"
    apt_try "no packages of Asterisk $series: cannot read Debian $suite from $m" update
    download "$series" "$dir"

    rm -rf "$dir/root" "$dir/root.new"
    mkdir "$dir/root.new"
    for deb in "$dir"/debs/*.deb; do unpack "$deb" "$dir/root.new"; done
    mv "$dir/root.new" "$dir/root"
    unset APT_CONFIG
    [ -n "${LIVE_KEEP_DEBS:-}" ] || rm -rf "$dir/debs"
    rm -rf "$dir/apt"
    locate "$dir" || die "the unpacked packages lack ld.so, modules or asterisk"
    ver=$(ast -V | awk '{ print $2 }') || die "the unpacked asterisk does not run on this machine"
    [ "${ver%%.*}" = "$series" ] ||
        die "Debian $suite now carries Asterisk $ver: set DEBIAN_MIRROR to a mirror that still has $series"
    echo "$ver" >"$dir/version"
    note "installed Asterisk $ver in $dir ($(du -sm "$dir/root" | cut -f1) MB," \
        "$(wc -l <"$dir/packages") packages, $(($(now_ms) - t0)) ms)"
}

download() { # SERIES DIR: the wanted packages into DIR/debs
    local name ver plan pk=() want=("${PACKAGES[@]}") extra
    read -r -a extra <<<"${LIVE_PACKAGES:-}"
    want+=(${extra[@]+"${extra[@]}"})
    plan=$(apt_try "no packages of Asterisk $1" -s install "${want[@]}") || exit 1
    while read -r name ver; do
        if wanted "$1" "$name"; then pk+=("$name=$ver"); fi
    done < <(awk '$1 == "Inst" { sub(/^\(/, "", $3); print $2, $3 }' <<<"$plan")
    [ ${#pk[@]} -gt 20 ] || die "apt's plan looks wrong: only ${#pk[@]} packages"
    rm -rf "$2/debs"
    mkdir "$2/debs"
    (cd "$2/debs" && apt_try "cannot fetch the packages of Asterisk $1" download "${pk[@]}") || exit 1
    for name in "${pk[@]}"; do
        ver=${name#*=}
        name=${name%%=*}
        compgen -G "$2/debs/${name%%:*}_${ver//:/%3a}_*.deb" >/dev/null || die "apt did not deliver $name"
    done
    printf '%s\n' "${pk[@]}" | sort >"$2/packages"
}

cmd_verify() {
    instance "${1:-}"
    local m out bad=0 n=0
    while read -r m; do
        n=$((n + 1))
        out=$("$LOADER" --inhibit-cache --library-path "$LIBPATH" --list "$MODDIR/$m.so" 2>&1 |
            awk -v r="$ROOT/" '
                /not found/ { print $1 " missing"; next }
                $2 == "=>" && index($3, r) != 1 && $1 !~ /^\/lib/ { print $1 " is the machine'\''s: " $3 }
            ') || true
        if [ -n "$out" ]; then
            bad=$((bad + 1))
            printf '%s: %s\n' "$m" "$out"
        fi
    done < <(modules)
    note "$n modules checked, $bad with problems"
    [ "$bad" = 0 ]
}
