#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tries the Debian package on a bare Debian 12: install, look, set up, run, take away again, and see
# what is left. Needs root, debootstrap and the Debian registry; everything happens in a folder of
# its own and on a network of its own. Prints TAP.
#   tests/package/chroot.sh PACKAGE.deb
set -uo pipefail
package=$(realpath "${1:?which package?}")
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$root/build/package
case_number=0 failures=0

[ "$(id -u)" -eq 0 ] || { echo "chroot.sh: root is needed to make a chroot" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "chroot.sh: apt install debootstrap" >&2; exit 1; }

jail=$(mktemp -d "$work/chroot.XXXXXX")
daemons=()
stop_daemons() {
    [ ${#daemons[@]} -eq 0 ] || kill "${daemons[@]}" 2>/dev/null
    wait
    daemons=()
}
cleanup() {
    stop_daemons
    umount "$jail/run/test-net" "$jail/dev" "$jail/proc" 2>/dev/null
    rm -rf --one-file-system "$jail"
}
trap cleanup EXIT

# ok NAME COMMAND…: one case
ok() {
    local name=$1 out
    shift
    case_number=$((case_number + 1))
    if out=$("$@" 2>&1); then
        echo "ok $case_number - $name"
    else
        failures=$((failures + 1))
        echo "not ok $case_number - $name"
        printf '%s\n' "$out" | tail -n 25 | sed 's/^/# /'
    fi
}

inside() { DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 chroot "$jail" "$@"; }
# On a network of its own: the ports it takes are nobody else's.
alone() { DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 nsenter --net="$jail/run/test-net" chroot "$jail" "$@"; }

# --- a bare Debian 12, kept for the next time ---

base=$work/bookworm.tar
if [ ! -s "$base" ]; then
    rm -rf "$work/bookworm"
    debootstrap --variant=minbase bookworm "$work/bookworm" >"$work/debootstrap.log" 2>&1 || {
        tail -n 5 "$work/debootstrap.log" >&2
        exit 1
    }
    tar -C "$work/bookworm" -cf "$base.new" . && mv "$base.new" "$base"
    rm -rf --one-file-system "$work/bookworm"
fi
tar -C "$jail" -xf "$base"
# The registry as this machine reaches it.
rm -rf "$jail/etc/apt/sources.list" "$jail/etc/apt/sources.list.d" "$jail/etc/apt/apt.conf.d"
cp -r /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d "$jail/etc/apt/" 2>/dev/null
cp /etc/resolv.conf /etc/hosts "$jail/etc/"
mkdir -p "$jail/etc/ssl/certs"
cp /etc/ssl/certs/ca-certificates.crt "$jail/etc/ssl/certs/"
mount --bind /dev "$jail/dev" && mount -t proc proc "$jail/proc" || exit 1
printf '#!/bin/sh\nexit 101\n' >"$jail/usr/sbin/policy-rc.d"
chmod 755 "$jail/usr/sbin/policy-rc.d"
inside apt-get update -qq >/dev/null 2>&1
inside apt-get install -y -qq --no-install-recommends prosody prosody-modules openssl adduser >"$work/apt.log" 2>&1 || {
    tail -n 5 "$work/apt.log" >&2
    exit 1
}
cp "$package" "$jail/root/lasna.deb"

# Everything that stays, but for what apt and dpkg keep for themselves.
listing() {
    (cd "$jail" && find etc lib usr var home srv opt \( -path var/lib/dpkg -o -path var/cache -o -path var/log \
        -o -path var/lib/apt -o -path etc/ld.so.cache -o -path var/lib/systemd \) -prune -o -print |
        grep -v -e '^etc/\(passwd\|group\|shadow\|gshadow\)-$' | sort)
    cut -d: -f1 "$jail/etc/passwd" "$jail/etc/group" | sort
}
install_it() { inside apt-get install -y -qq /root/lasna.deb; }
leaves_nothing() {
    diff <(printf '%s\n' "$before") <(listing)
}
quickstart() { inside lasnactl quickstart chat.acme.example "$@"; }
# says STATUS TEXT COMMAND…
says() {
    local status=$1 text=$2 out rc=0
    shift 2
    out=$("$@" 2>&1) || rc=$?
    printf '%s\n' "$out"
    [ "$rc" -eq "$status" ] && grep -qF -- "$text" <<<"$out"
}

# What its libraries bring stays when it goes: they are not ours to take away.
install_it >"$work/apt.log" 2>&1
inside dpkg --purge lasna >/dev/null 2>&1
before=$(listing)

ok "the package installs" install_it
ok "its programs start" says 0 lasnad inside lasnad --version
unit_runs() {
    local program
    while read -r program; do
        [ -x "$jail$program" ] || { echo "no $program"; return 1; }
    done < <(sed -n 's/^Exec[A-Za-z]*=\([^ ]*\).*/\1/p' "$jail/lib/systemd/system/lasnad.service")
}
ok "the unit names programs that a bare Debian has" unit_runs
ok "its manual pages are there" test -s "$jail/usr/share/man/man8/lasnad.8"
ok "quickstart --dry-run looks, names what to mend, and exits 3" says 3 "would be written" quickstart --dry-run
ok "and has written nothing" test ! -e "$jail/etc/lasna" -a ! -e "$jail/etc/prosody/conf.d/lasna.cfg.lua"
ok "it can be purged" inside dpkg --purge lasna
ok "and nothing is left behind" leaves_nothing

# --- set up, and run as it would be ---

install_it >/dev/null 2>&1
quickstart --json >/dev/null 2>&1
ok "quickstart writes what is ours to write" test -s "$jail/etc/lasna/lasna.conf" -a -s "$jail/etc/prosody/conf.d/lasna.cfg.lua"
ok "what holds a secret is read by nobody else" test "$(inside stat -c '%a %U %G' /etc/lasna/control.secret)" = "640 root lasna"
changes_nothing() { says 3 "/etc/lasna/lasna.conf: as it should be" quickstart && ! grep -qE ': (written|made)$' <<<"$(quickstart)"; }
ok "said again it changes nothing" changes_nothing
echo '# mine' >>"$jail/etc/lasna/lasna.conf"
ok "what an admin changed is left as it is" says 3 "differs and is left as it is" quickstart
ok "and written anew with --force" says 3 "lasna.conf: written" quickstart --force
ok "Prosody reads its part" inside prosodyctl check config

inside openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=chat.acme.example -addext subjectAltName=DNS:chat.acme.example \
    -keyout /etc/lasna/tls/privkey.pem -out /etc/lasna/tls/fullchain.pem >/dev/null 2>&1
inside chgrp lasna /etc/lasna/tls/privkey.pem
inside chmod 640 /etc/lasna/tls/privkey.pem
ok "quickstart sees the certificate" says 3 "a certificate for chat.acme.example, good for " quickstart

touch "$jail/run/test-net"
unshare --net="$jail/run/test-net" true
nsenter --net="$jail/run/test-net" ip link set lo up
mkdir -p "$jail/run/prosody" "$jail/var/lib/lasna"
inside chown prosody /run/prosody
inside chown lasna:lasna /var/lib/lasna
inside chmod 700 /var/lib/lasna
until_ok() { # COMMAND…: within 30 s
    local at=$((SECONDS + 30))
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $at ] || return 1
        sleep 0.2
    done
}
# As systemd would start them.
start_as() { # USER SHELL-WORDS
    LC_ALL=C.UTF-8 nsenter --net="$jail/run/test-net" chroot "$jail" sh -c \
        "umask 027; exec setpriv --reuid $1 --regid $1 --init-groups --inh-caps=+net_bind_service \
         --ambient-caps=+net_bind_service $2" >"$jail/run/$1.out" 2>&1 &
    daemons+=($!)
}
start_as prosody 'prosody -F'
start_as lasna 'lasnad --config /etc/lasna/lasna.conf'
running() {
    until_ok alone lasnactl status || { tail -n 20 "$jail/run/lasna.out" "$jail/run/prosody.out"; return 1; }
}
ok "lasnad runs as its user, on port 443" running
ok "a tenant is taken on, host and all" alone lasnactl tenant add acme --name "Acme Oy" --origin https://acme.example
ok "its link stands" until_ok alone lasnactl check xmpp
ok "Prosody's file of the tenant has our owner and its group" test "$(inside stat -c '%a %U %G' /etc/prosody/lasna.d/acme.cfg.lua)" = "640 lasna prosody"
stop_daemons
umount "$jail/run/test-net"
rm -f "$jail"/run/test-*

ok "purged, it says that transcripts are left" says 0 "holds transcripts and is left" inside dpkg --purge lasna
left() {
    local more
    more=$(diff <(printf '%s\n' "$before") <(listing) | grep '^>' | grep -v -e ' var/lib/lasna' -e ' lasna$' -e ' var/lib/prosody/')
    printf '%s\n' "$more"
    [ -z "$more" ]
}
ok "and nothing else is" left
echo "1..$case_number"
[ "$failures" -eq 0 ]
