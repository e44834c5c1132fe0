#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every C file looks as .clang-format says. Prints TAP, and first shows that it would notice.
# ./dev fmt mends what this finds.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. tools/lint/format.bash

echo 1..2
scratch=$(mktemp -d)
cp .clang-format "$scratch"
printf 'int main( void ){return 0;}\n' >"$scratch/wrong.c"
if clang_format --dry-run -Werror "$scratch/wrong.c" 2>/dev/null; then
    noticed=no
    echo 'not ok 1 - a file that looks otherwise is noticed'
else
    noticed=yes
    echo 'ok 1 - a file that looks otherwise is noticed'
fi
rm -r "$scratch"
if wrong=$(c_files | xargs -0 -P 2 -n 40 bash -c '. tools/lint/format.bash; clang_format --dry-run -Werror "$@"' format 2>&1); then
    echo 'ok 2 - every C file is formatted'
else
    echo 'not ok 2 - every C file is formatted'
    printf '%s\n' "$wrong" | sed -n 's/ error: .*/ not as .clang-format says; .\/dev fmt mends it/p' |
        sort -u | sed 's/^/# /'
    exit 1
fi
[ $noticed = yes ]
