# SPDX-License-Identifier: Apache-2.0
# An ejabberd of one instance: its own folder, loopback only, no Erlang distribution and so no epmd.

# write_ejabberd HOME C2S_PORT COMPONENT_PORT HTTP_PORT
write_ejabberd() {
    local c2s=$2 component=$3 http=$4 dir=$1/xmpp
    mkdir -p "$dir/db" "$dir/upload"
    chmod 700 "$dir"
    for secret in control component; do
        [ -s "$dir/$secret.secret" ] || (umask 077 && openssl rand -hex 24 >"$dir/$secret.secret")
    done
    (
        umask 077
        cat >"$dir/ejabberd.yml" <<YAML
# Written by ./dev up; changes are lost.
# At info it writes each call of its REST API into the log, passwords and all.
loglevel: warning
hosts: [ "agents.localhost" ]
listen:
  - { port: $c2s, ip: "127.0.0.1", module: ejabberd_c2s, access: c2s, starttls: false, max_stanza_size: 131072 }
  # Any tenant's link, by one password: the listener must never be reached from elsewhere.
  - { port: $component, ip: "127.0.0.1", module: ejabberd_service, password: "$(cat "$dir/component.secret")",
      access: all, max_stanza_size: 131072 }
  - { port: $http, ip: "127.0.0.1", module: ejabberd_http,
      request_handlers: { /api: mod_http_api, /xmpp-websocket: ejabberd_http_ws, /bosh: mod_bosh, /upload: mod_http_upload } }
auth_method: internal
auth_password_format: scram
acl:
  lasna: { user: [ "lasna@agents.localhost" ] }
  local: { user_regexp: "" }
  desks: { node_glob: { desk: "*.chat.localhost" } }
# No other server is spoken with.
s2s_access: none
access_rules:
  make_rooms: { allow: desks }
  local: { allow: local }
  c2s: { allow: all }
# The one account that makes accounts and rosters, and nothing else.
api_permissions:
  "lasna":
    who: { access: { allow: lasna } }
    what: [ status, register, unregister, add_rosteritem, delete_rosteritem, destroy_room ]
modules:
  mod_admin_extra: {}
  mod_blocking: {}
  mod_bosh: {}
  mod_caps: {}
  mod_carboncopy: {}
  mod_client_state: {}
  mod_disco: {}
  mod_http_api: {}
  # What agents upload for visitors (XEP-0363).
  mod_http_upload:
    host: "upload.@HOST@"
    put_url: "http://127.0.0.1:$http/upload"
    docroot: "$dir/upload"
    max_size: 10485760
    custom_headers: { X-Content-Type-Options: nosniff, Content-Security-Policy: sandbox }
  mod_http_upload_quota: { max_days: 7 }
  mod_mam: { default: always }
  # The tenants' team rooms.
  mod_muc: { host: "rooms.@HOST@", access_create: make_rooms, access_admin: none }
  mod_muc_admin: {}
  mod_offline: {}
  mod_ping: {}
  mod_privacy: {}
  mod_private: {}
  mod_pubsub: { plugins: [ flat, pep ] }
  mod_roster: { versioning: true }
  mod_vcard: {}
YAML
    )
}

# start_ejabberd HOME C2S_PORT: prints the pid once it listens. The account that provisions is made as
# soon as it runs.
start_ejabberd() {
    local port=$2 dir=$1/xmpp
    EJABBERD_CONFIG_PATH=$dir/ejabberd.yml EJABBERD_LOG_PATH=$dir/ejabberd.log HOME=$dir \
        ERL_CRASH_DUMP_BYTES=0 ERL_LIBS=/usr/lib/$(uname -m)-linux-gnu \
        setsid erl +K true -noinput -mnesia dir "\"$dir/db\"" -s ejabberd -eval "
            {ok, _} = application:ensure_all_started(ejabberd),
            {ok, Secret} = file:read_file(\"$dir/control.secret\"),
            ejabberd_auth:try_register(<<\"lasna\">>, <<\"agents.localhost\">>, string:trim(Secret))." \
        >"$dir/ejabberd.out" 2>&1 </dev/null &
    local pid=$!
    if ! wait_until 90 has_begun "$port" "$pid" || is_gone "$pid"; then
        tail -n 20 "$dir/ejabberd.out" >&2 || true
        kill "$pid" 2>/dev/null || true
        return 1
    fi
    echo "$pid" >"$dir/ejabberd.pid"
    echo "$pid"
}
