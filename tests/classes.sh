#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The class table that ships with the rules is what the machine coder shows on conversations no
# rule was written with (tests/presence/README.md). Prints TAP. `--make` makes the table anew.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

shared=../shared/data
table=presence/rules/classes.tsv
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT

# Measures on the conversations of the kept sets, theirs and ours. 2: the words of theirs are not there.
measure() {
    local codes rc
    for codes in tests/presence/real.*.kept.codes.jsonl; do
        node tests/presence/texts.mjs "$codes" "$shared" >"$scratch/$(basename "$codes")" || {
            rc=$?
            return $rc
        }
    done
    build/dev/bench/presence_agreement presence/rules --classes \
        "$scratch"/*.jsonl tests/presence/written.*.kept.jsonl >"$scratch/classes.tsv"
}

if [ "${1:-}" = --make ]; then
    measure || exit 1
    cp "$scratch/classes.tsv" "$table"
    exit 0
fi

name='the shipped class table is what the kept sets give'
echo 1..2
measure 2>"$scratch/told"
case $? in
0) ;;
2)
    echo "ok 1 - $name # SKIP $(cat "$scratch/told")"
    echo 'ok 2 - another table is noticed # SKIP'
    exit 0
    ;;
*)
    echo "not ok 1 - $name"
    sed 's/^/# /' "$scratch/told"
    echo 'ok 2 - another table is noticed # SKIP'
    exit 1
    ;;
esac
ok=yes
if told=$(diff "$table" "$scratch/classes.tsv"); then
    echo "ok 1 - $name"
else
    echo "not ok 1 - $name"
    printf '%s\n' "$told" "bash tests/classes.sh --make makes it anew" | sed 's/^/# /'
    ok=no
fi
if sed 's/\tA\t/\tB\t/' "$table" | cmp -s - "$scratch/classes.tsv"; then
    echo 'not ok 2 - another table is noticed'
    ok=no
else
    echo 'ok 2 - another table is noticed'
fi
[ $ok = yes ]
