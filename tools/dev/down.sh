# SPDX-License-Identifier: Apache-2.0
# Stops an instance by the pids it has told; one that is not there is stopped already.
. "$ROOT/tools/dev/common.bash"

home=$ROOT/var/dev
while [ $# -gt 0 ]; do
    case $1 in
    --home) home=$(absolute "${2:?--home needs a folder}") && shift ;;
    *) usage_error "down: unknown word $1 (./dev help)" ;;
    esac
    shift
done
[ -f "$home/instance.json" ] || exit 0

pid_of() {
    node -e '
        const { pids = {} } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
        console.log(pids[process.argv[2]] ?? "");' "$home/instance.json" "$1"
}
end_process "$(pid_of supervisor)" lasnad
for server in prosody ejabberd; do
    end_process "$(pid_of xmpp)" "$server"
    # Started again since, by hand or by a test: it says so itself.
    end_process "$(cat "$home/xmpp/$server.pid" 2>/dev/null)" "$server"
done
rm -f "$home/instance.json"
