# SPDX-License-Identifier: Apache-2.0
# A Prosody of one instance: its own folder, loopback only, an ordinary process.

# write_prosody HOME C2S_PORT COMPONENT_PORT HTTP_PORT
write_prosody() {
    local c2s=$2 component=$3 http=$4 dir=$1/xmpp
    mkdir -p "$dir/data" "$dir/tenants.d"
    chmod 700 "$dir"
    if [ ! -s "$dir/control.secret" ]; then
        (umask 077 && openssl rand -hex 24 >"$dir/control.secret")
    fi
    (
        umask 077
        cat >"$dir/prosody.cfg.lua" <<LUA
-- Written by ./dev up; changes are lost.
run_as_root = true
pidfile = "$dir/prosody.pid"
data_path = "$dir/data"
plugin_paths = { "$ROOT/deploy/prosody", "/usr/lib/prosody/modules" }
interfaces = { "127.0.0.1" }
c2s_ports = { $c2s }
component_interfaces = { "127.0.0.1" }
component_ports = { $component }
http_interfaces = { "127.0.0.1" }
http_ports = { $http }
https_ports = {}
legacy_ssl_ports = {}
log = { info = "$dir/prosody.log" }

admins = { "control.localhost" }
modules_enabled = {
    "roster"; "saslauth"; "disco"; "carbons"; "mam"; "csi_simple"; "ping";
    "vcard4"; "vcard_legacy"; "pep"; "bookmarks"; "blocklist"; "websocket"; "bosh"; "offline";
}
modules_disabled = { "s2s"; "tls" }
-- No smacks here: the client library of the tests miscounts when stanzas follow <enabled/> at once.
-- Loopback only: clients on this machine need no TLS to reach it.
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
consider_websocket_secure = true
consider_bosh_secure = true
authentication = "internal_hashed"
archive_expires_after = "1w"

-- A link that comes back takes over from its own half-open predecessor.
component_conflict_resolve = "kick_old"
component_stanza_size_limit = 131072
c2s_stanza_size_limit = 131072
network_settings = { nagle = false; backend = "epoll" }
gc = { mode = "generational" }

VirtualHost "agents.localhost"
    modules_enabled = { "privilege"; "admin_adhoc" }
    privileged_entities = { ["control.localhost"] = { roster = "both" } }

-- What agents upload for visitors (XEP-0363). Its name lies below the agents', so that clients find it.
Component "upload.agents.localhost" "http_file_share"
    http_host = "127.0.0.1"
    http_external_url = "http://127.0.0.1:$http/"
    http_file_share_size_limit = 10 * 1024 * 1024
    http_file_share_expires_after = 7 * 24 * 60 * 60

-- The tenants' team rooms.
Component "rooms.agents.localhost" "muc"
    modules_enabled = { "lasna_rooms" }
    muc_tombstones = false

-- The only component that may change hosts, accounts and rosters.
Component "control.localhost"
    component_secret = "$(cat "$dir/control.secret")"
    modules_enabled = { "privilege" }

Include "$dir/tenants.d/*.cfg.lua"
LUA
    )
}

# start_prosody HOME C2S_PORT: prints the pid once it listens.
start_prosody() {
    local port=$2 dir=$1/xmpp
    setsid prosody --config "$dir/prosody.cfg.lua" -F >"$dir/prosody.out" 2>&1 </dev/null &
    local pid=$!
    if ! wait_until 90 has_begun "$port" "$pid" || is_gone "$pid"; then
        tail -n 20 "$dir/prosody.out" "$dir/prosody.log" >&2 || true
        kill "$pid" 2>/dev/null || true
        return 1
    fi
    echo "$pid"
}
