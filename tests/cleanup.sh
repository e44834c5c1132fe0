#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A buffer that cleans up behind itself must be initialised before its function may return, or its
# block be left otherwise, or the way out frees whatever stood on the stack. Prints TAP, and first
# shows that it would notice.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

# Tells file, line and name of each AUTO_BUF that a return, continue or break may reach before
# anything took its address.
find_early_returns() {
    awk '
        FNR == 1 { waiting = "" }
        /^}/ { waiting = "" }
        match($0, /^ +AUTO_BUF [A-Za-z_, ]+;/) {
            names = substr($0, RSTART, RLENGTH)
            gsub(/AUTO_BUF|[ ;]/, "", names)
            waiting = waiting "," names
            next
        }
        waiting != "" {
            count = split(waiting, each, ",")
            waiting = ""
            for (i = 1; i <= count; i++) {
                if (each[i] == "" || $0 ~ "&" each[i] "[^A-Za-z_]")
                    continue
                if ($0 ~ /(^|[^A-Za-z_])(return|continue|break)([^A-Za-z_]|$)/)
                    print FILENAME ":" FNR ": " each[i]
                else
                    waiting = waiting "," each[i]
            }
        }' "$@"
}

echo 1..2
sample=$(mktemp)
trap 'rm -f "$sample"' EXIT
printf '%s\n' 'void f(void)' '{' '    AUTO_BUF fine, text;' '' '    buf_init(&fine, 1);' '    if (bad)' \
    '        return;' '    buf_init(&text, 1);' '    while (more) {' '        AUTO_BUF each;' '' \
    '        if (bad)' '            continue;' '    }' '}' >"$sample"
if [ "$(find_early_returns "$sample")" = "$sample:7: text
$sample:13: each" ]; then
    echo 'ok 1 - a way out before a buffer is initialised is noticed'
    noticed=yes
else
    noticed=no
    echo 'not ok 1 - a way out before a buffer is initialised is noticed'
fi
mapfile -t files < <(git -C "$root" ls-files '*.c' | sed "s|^|$root/|")
found=$(find_early_returns "${files[@]}")
if [ -z "$found" ]; then
    echo 'ok 2 - every buffer is initialised before its function may return'
else
    echo 'not ok 2 - every buffer is initialised before its function may return'
    printf '# %s\n' "${found//$'\n'/$'\n# '}"
    exit 1
fi
[ $noticed = yes ]
