#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a development CA and a server certificate for this machine's loopback names in the
# given folder. Fresh keys each time; none of them is ever kept in the project.
set -euo pipefail
dir=${1:?usage: make-dev-ca.sh FOLDER}
mkdir -p "$dir"
umask 077

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
    -keyout "$dir/ca.key" -out "$dir/ca.pem" -subj "/CN=Lasna development CA" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout "$dir/server.key" -out "$dir/server.csr" -subj "/CN=localhost" 2>/dev/null
openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial \
    -days 30 -out "$dir/server.pem" 2>/dev/null -extfile <(
        echo "subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1,IP:::1"
        echo "extendedKeyUsage=serverAuth"
    )
cat "$dir/ca.pem" >>"$dir/server.pem"
rm -f "$dir/server.csr" "$dir/ca.srl"
echo "$dir/server.pem"
