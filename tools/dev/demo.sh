# SPDX-License-Identifier: Apache-2.0
# The main job: everything, with two sample tenants and their websites. Ctrl-C stops it all.
# --once: a scripted chat through a real browser and a real XMPP connection, then the end.
. "$ROOT/tools/dev/common.bash"

base='' once=no
while [ $# -gt 0 ]; do
    case $1 in
    --once) once=yes ;;
    --port-base) base=${2:?--port-base needs a number} && shift ;;
    *) usage_error "demo: unknown word $1 (./dev help)" ;;
    esac
    shift
done

bash "$ROOT/tools/dev/setup.sh"
say "building"
bash "$ROOT/tools/dev/build.sh"

if [ "$once" = yes ]; then # beside whatever else runs, and leaving nothing
    home=$(mktemp -d "${TMPDIR:-/tmp}/lasna-demo.XXXXXX")
    base=${base:-0}
else
    home=$ROOT/var/demo
    base=${base:-21000}
fi
shop_pid=''
finish() {
    trap - EXIT INT TERM
    [ -z "$shop_pid" ] || end_process "$shop_pid" shop.mjs
    bash "$ROOT/tools/dev/down.sh" --home "$home"
    [ "$once" = no ] || rm -rf "$home"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say "starting Prosody and lasnad"
bash "$ROOT/tools/dev/up.sh" --home "$home" --port-base "$base" >/dev/null
http=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).http' "$home/instance.json")
base=$((${http##*:} - 80))

if [ "$once" = yes ]; then
    timeout 120 node "$ROOT/tools/demo/once.mjs" "$home/instance.json" "$base" \
        "$ROOT/build/dev/lasnactl/lasnactl"
    exit 0
fi

node "$ROOT/tools/demo/shop.mjs" "$home/instance.json" "$base" "$ROOT/build/dev/lasnactl/lasnactl" >"$home/log/shop.log" 2>&1 &
shop_pid=$!
are_open() { is_listening $((base + 500)) && is_listening $((base + 501)); }
wait_until 10 are_open || die "demo: the shops did not open: $(tail -n 3 "$home/log/shop.log")"

cat <<TEXT

Läsnä is running. Two client companies have it on their sites:

  Acme Oy      http://localhost:$((base + 500))
  Borealis AB  http://localhost:$((base + 501))

Two agents answer from any XMPP client (Gajim, Dino, Profanity …):

  anna@agents.localhost   password $(cat "$home/anna.password")   (both companies)
  ben@agents.localhost    password $(cat "$home/ben.password")   (Borealis only)
  server 127.0.0.1, port $((base + 222)), without TLS

  for example:  profanity -a anna@agents.localhost
                /account set anna@agents.localhost server 127.0.0.1
                /account set anna@agents.localhost port $((base + 222))
                /account set anna@agents.localhost tls disable
                /connect anna@agents.localhost

An offer comes from the company's desk: answer ok. !help tells the rest.
Transcripts:    LASNA_HOME=$home build/dev/lasnactl/lasnactl transcript list acme

Ctrl-C stops everything.
TEXT
wait "$shop_pid"
