#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a development CA and a server certificate for this machine's loopback names in the
# given folder. Given hosts too, it makes names/HOST/fullchain.pem and privkey.pem there, of the
# CA that is there, good for all of them and for so many days. Fresh keys each time; none of them
# is ever kept in the project.
set -euo pipefail
usage='usage: make-dev-ca.sh FOLDER [--days N] [HOST…]'
dir=${1:?$usage} days=30
shift
if [ "${1:-}" = --days ]; then
    days=${2:?$usage}
    shift 2
fi
mkdir -p "$dir"
umask 077

new_key() { # KEY SUBJECT: a key, and a request for it on stdout
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1" -subj "/CN=$2" 2>/dev/null
}
sign() { # NAMES: a certificate for the request on stdin, with its issuer's behind it
    openssl x509 -req -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
        -days "$days" 2>/dev/null -extfile <(
            echo "subjectAltName=$1"
            echo "extendedKeyUsage=serverAuth"
        )
    cat "$dir/ca.pem"
}

if [ $# -gt 0 ]; then
    mkdir -p "$dir/names/$1"
    names=$(printf ',DNS:%s' "$@")
    new_key "$dir/names/$1/privkey.pem" "$1" | sign "${names#,}" >"$dir/names/$1/fullchain.pem"
    echo "$dir/names/$1/fullchain.pem"
    exit
fi
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days "$days" \
    -keyout "$dir/ca.key" -out "$dir/ca.pem" -subj "/CN=Lasna development CA" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" 2>/dev/null
new_key "$dir/server.key" localhost |
    sign "DNS:localhost,DNS:*.localhost,IP:127.0.0.1,IP:::1" >"$dir/server.pem"
echo "$dir/server.pem"
