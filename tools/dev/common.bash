# SPDX-License-Identifier: Apache-2.0
# What the verbs share. Sourced, with ROOT set.
set -euo pipefail

say() { printf 'dev: %s\n' "$*" >&2; }
die() {
    say "$*"
    exit 1
}
usage_error() {
    say "$*"
    exit 2
}

# Those of the named Debian packages that are not installed, a line each.
missing_packages() {
    local package
    for package; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || echo "$package"
    done
}

apt_install() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "needs root or sudo to install: $*"
        as_root=(sudo)
    fi
    say "installing $*"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # No service of these packages is started: instances are ours alone.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# The npm modules of this state of the sources; nothing to do when they are there.
install_modules() {
    if [ -f "$ROOT/package-lock.json" ] &&
        ! cmp -s "$ROOT/package-lock.json" "$ROOT/node_modules/.stamp"; then
        say "installing npm modules"
        (cd "$ROOT" && npm ci --silent --no-fund --no-audit)
        cp "$ROOT/package-lock.json" "$ROOT/node_modules/.stamp"
    fi
}

# An absolute path, whether it exists or not.
absolute() {
    case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s/%s\n' "$PWD" "$1" ;;
    esac
}

# Whether something listens on this port of the loopback address.
is_listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# has_begun PORT PID: a server listens, or has ended, and nobody need wait for it.
has_begun() { is_listening "$1" || is_gone "$2"; }

# wait_until SECONDS COMMAND…: asks again and again, ten times a second.
wait_until() {
    local until=$((SECONDS + $1))
    shift
    while ! "$@"; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.1
    done
}

# A zombie is gone, too: where PID 1 is no init, as in many containers, it is reaped late.
is_gone() {
    kill -0 "$1" 2>/dev/null || return 0
    grep -qs '^State:[[:space:]]*Z' "/proc/$1/status"
}

# Ends a process we started, politely and then not. PID WORD: the word must be in its command
# line, so that a number that was given to somebody else meanwhile is left alone.
end_process() {
    local pid=$1 word=$2
    [ -n "$pid" ] && [ "$pid" -gt 1 ] || return 0
    tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q -- "$word" || return 0
    kill -TERM "$pid" 2>/dev/null || return 0
    wait_until 12 is_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
    wait_until 3 is_gone "$pid" || say "process $pid does not end"
}
