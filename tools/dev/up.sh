# SPDX-License-Identifier: Apache-2.0
# Starts an instance in the background, waits until it is ready, prints instance.json.
. "$ROOT/tools/dev/common.bash"
. "$ROOT/tools/dev/prosody.bash"
. "$ROOT/tools/dev/ejabberd.bash"

home=$ROOT/var/dev base=21000 empty=no kind=dev limits=load server=prosody store=sqlite
while [ $# -gt 0 ]; do
    case $1 in
    --home) home=$(absolute "${2:?--home needs a folder}") && shift ;;
    --port-base) base=${2:?--port-base needs a number} && shift ;;
    --limits) limits=${2:?--limits needs production or load} && shift ;;
    --xmpp) server=${2:?--xmpp needs a server} && shift ;;
    --store) store=${2:?--store needs a store} && shift ;;
    --empty) empty=yes ;;
    --asan) kind=asan ;;
    *) usage_error "up: unknown word $1 (./dev help)" ;;
    esac
    shift
done
[[ $server =~ ^(prosody|ejabberd)$ ]] || usage_error "up: --xmpp is prosody or ejabberd"
[ "$store" = sqlite ] || usage_error "up: --store $store is not there yet; sqlite is"
[[ $base =~ ^[0-9]+$ ]] || usage_error "up: --port-base $base is not a number"
[[ $limits =~ ^(production|load)$ ]] || usage_error "up: --limits is production or load"

# Every port of an instance stands at a fixed distance from its base.
ports_of() { echo $(($1 + 80)) $(($1 + 443)) $(($1 + 222)) $(($1 + 347)) $(($1 + 280)); }
# Browsers, and fetch() everywhere, load nothing from these (Fetch standard, "bad port"), whoever listens.
refused=' 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080 '
first_refused() {
    local port
    for port in $(ports_of "$1") $(($1 + 500)) $(($1 + 501)); do
        [[ $refused != *" $port "* ]] || { echo "$port" && return; }
    done
}
are_free() {
    local port
    for port in $(ports_of "$1") $(($1 + 500)) $(($1 + 501)); do
        ! is_listening "$port" || return 1
    done
}
# What listens by and by is not seen at first: of two that are started at once one keeps the base, for
# all that it starts and as long as any of that runs; they have the descriptor from it.
keep() {
    exec {kept}>"${TMPDIR:-/tmp}/lasna-ports-$UID-$1" || return 1
    flock -n "$kept" && are_free "$1" && return 0
    exec {kept}>&-
    return 1
}
if [ "$base" -eq 0 ]; then # any that are free, below those that the kernel gives away
    for _ in $(seq 200); do
        base=$((10000 + RANDOM % 37 * 600))
        [ -z "$(first_refused "$base")" ] && keep "$base" && break
    done
fi
bad=$(first_refused "$base")
[ -z "$bad" ] || usage_error "up: no browser loads anything from port $bad (port base $base); choose another --port-base"
read -r http https c2s component xmpp_http <<<"$(ports_of "$base")"

if [ -f "$home/instance.json" ]; then
    bash "$ROOT/tools/dev/down.sh" --home "$home"
fi
are_free "$base" || die "up: ports from $base on are taken; choose another --port-base"
if [ ! -x "$ROOT/build/$kind/server-bridge/lasnad" ]; then
    if [ "$kind" = dev ]; then bash "$ROOT/tools/dev/build.sh"; else bash "$ROOT/tools/dev/build.sh" "--$kind"; fi
fi

mkdir -p "$home/log" "$home/run" "$home/tls"
chmod 700 "$home"
[ -s "$home/tls/server.pem" ] || bash "$ROOT/certs/make-dev-ca.sh" "$home/tls" >/dev/null

lasnad_pid='' xmpp_pid=''
give_up() {
    say "up: $1"
    tail -n 15 "$home/log/lasnad.log" 2>/dev/null >&2 || true
    [ -z "$lasnad_pid" ] || end_process "$lasnad_pid" lasnad
    [ -z "$xmpp_pid" ] || end_process "$xmpp_pid" "$server"
    rm -f "$home/instance.json"
    exit 1
}

"write_$server" "$home" "$c2s" "$component" "$xmpp_http"
xmpp_pid=$("start_$server" "$home" "$c2s") || give_up "$server did not start"
if [ "$server" = prosody ]; then
    provision="tenants_dir = $home/xmpp/tenants.d
upload_url = http://127.0.0.1:$xmpp_http/file_share/"
else
    provision="rest = http://127.0.0.1:$xmpp_http/api
upload_url = http://127.0.0.1:$xmpp_http/upload/
component_secret_file = $home/xmpp/component.secret"
fi

origins="http://127.0.0.1:$http http://localhost:$http https://localhost:$https https://127.0.0.1:$https"
cat >"$home/lasna.conf" <<CONF
# Written by ./dev up; put your own changes into conf.d/*.conf beside it.
[instance]
home = $home
file = $home/instance.json
[web]
http = 127.0.0.1:$http
https = 127.0.0.1:$https
certificate = $home/tls/server.pem
private_key = $home/tls/server.key
certificates = $home/tls/names
origins = $origins
assets = $ROOT/build/$kind/share/widget
limits = $limits
[fetch]
allow = 127.0.0.1/32 ::1/128
ca = $home/tls/ca.pem
[presence]
rules = $ROOT/presence/rules
[xmpp]
port = $component
provision = $server
control_secret_file = $home/xmpp/control.secret
rooms_domain = rooms.agents.localhost
$provision
CONF

cat >"$home/instance.json" <<JSON
{
  "version": 1,
  "home": "$home",
  "http": "http://127.0.0.1:$http",
  "https": "https://localhost:$https",
  "ca": "$home/tls/ca.pem",
  "xmpp": {
    "server": "$server", "host": "127.0.0.1", "c2s_port": $c2s, "component_port": $component,
    "agents_domain": "agents.localhost", "chat_domain": "chat.localhost",
    "websocket": "ws://127.0.0.1:$xmpp_http/xmpp-websocket"
  },
  "control": "$home/run/control.sock",
  "data": "$home/data",
  "logs": "$home/log",
  "admin_token_file": "$home/admin.token",
  "pids": { "xmpp": $xmpp_pid }
}
JSON

setsid "$ROOT/build/$kind/server-bridge/lasnad" --config "$home/lasna.conf" \
    >>"$home/log/lasnad.log" 2>&1 </dev/null &
lasnad_pid=$!

is_ready() {
    is_gone "$lasnad_pid" && return 0
    [ "$(curl -s -m 2 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$http/readyz")" = 200 ]
}
wait_until 90 is_ready || give_up "lasnad was not ready in 90 s"
is_gone "$lasnad_pid" && give_up "lasnad ended"

# For scripts that ask the REST API over the network; lasnactl needs none.
if [ ! -s "$home/admin.token" ]; then
    (umask 077 && "$ROOT/build/$kind/lasnactl/lasnactl" --home "$home" --json token create --role admin --label "./dev up" |
        node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).token' >"$home/admin.token") ||
        give_up "the admin's token could not be made"
fi

if [ "$empty" = no ]; then
    bash "$ROOT/tools/dev/sample.bash" "$home" "$kind" "$base" >"$home/log/sample.log" 2>&1 || {
        cat "$home/log/sample.log" >&2
        give_up "the sample tenants could not be made"
    }
fi
cat "$home/instance.json"
