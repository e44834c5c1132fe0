#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A route without a rule, without a cost, or of which nobody told what it answers, does not compile: the
# table is taken as it is, then with a row where one is missing, then with one that is none. Prints TAP.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
table=$root/server-bridge/core/api/route.c
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT

compiles() {
    cc -std=c17 -D_GNU_SOURCE -fsyntax-only -Wall -Werror -I"$root" "$1" 2>"$scratch/errors"
}

# with_row ROW [BEFORE]: the table with one more row, and a line before it
with_row() {
    awk -v row="$1" -v before="${2-}" '/^static const struct route routes\[\] = \{/ { print before }
        { print } /^static const struct route routes\[\] = \{/ { print row }' "$table" >"$scratch/route.c"
    compiles "$scratch/route.c"
}

failed=0
number=0
check() { # check EXPECTED WORDS COMMAND…
    local expected=$1 words=$2 result=no
    shift 2
    "$@" && result=yes
    number=$((number + 1))
    if [ $result = "$expected" ]; then
        echo "ok $number - $words"
    else
        failed=1
        echo "not ok $number - $words"
        sed 's/^/# /' "$scratch/errors"
    fi
}

echo 1..8
check yes 'the table compiles' compiles "$table"
check yes 'a row with a rule and a cost compiles' with_row 'ROUTE(GET, "/x", ADMIN, LOOK, status_show, "", NULL, "X."),'
check no 'a row without a rule does not' with_row 'ROUTE(GET, "/x", , LOOK, status_show, "", NULL, "X."),'
check no 'a row with a rule nobody knows does not' with_row 'ROUTE(GET, "/x", EVERYBODY, LOOK, status_show, "", NULL, "X."),'
check no 'a row without a cost does not' with_row 'ROUTE(GET, "/x", ADMIN, , status_show, "", NULL, "X."),'
check no 'a row with a cost nobody knows does not' with_row 'ROUTE(GET, "/x", ADMIN, NOTHING, status_show, "", NULL, "X."),'
untold='ROUTE(GET, "/x", ADMIN, LOOK, untold_show, "", NULL, "X."),'
check yes 'a row of which is told what it answers compiles' with_row "$untold" \
    'handler_fn handle_untold_show; extern const struct answer answer_untold_show;'
check no 'a row of which nobody told it does not' with_row "$untold" 'handler_fn handle_untold_show;'
exit $failed
