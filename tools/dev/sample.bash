# SPDX-License-Identifier: Apache-2.0
# Two sample tenants and two agents: Anna serves both, Ben serves Borealis.
set -euo pipefail
home=$1 kind=$2 base=$3
ctl=("$ROOT/build/$kind/lasnactl/lasnactl" --home "$home" --no-input)

password_file() {
    local file=$home/$1.password
    [ -s "$file" ] || (umask 077 && openssl rand -hex 8 >"$file")
    echo "$file"
}

"${ctl[@]}" tenant add acme --name "Acme Oy" --lang fi,en,sv,ar --if-missing \
    --origin "http://localhost:$((base + 500))" --origin "http://127.0.0.1:$((base + 500))"
"${ctl[@]}" tenant add borealis --name "Borealis AB" --lang en,fi --if-missing \
    --origin "http://localhost:$((base + 501))" --origin "http://127.0.0.1:$((base + 501))"
"${ctl[@]}" agent add anna@agents.localhost --name Anna --if-missing \
    --password-file "$(password_file anna)"
"${ctl[@]}" agent add ben@agents.localhost --name Ben --if-missing \
    --password-file "$(password_file ben)"
"${ctl[@]}" agent assign anna@agents.localhost acme --limit 5
"${ctl[@]}" agent assign anna@agents.localhost borealis --limit 5
"${ctl[@]}" agent assign ben@agents.localhost borealis --limit 5
