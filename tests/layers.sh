#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Includes point one way. Each room may see itself and those its line names; a few outside
# headers live in one room only. Prints TAP, and first shows that it would notice.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

# room: what it may include, by the start of the path
may_see() {
    case $1 in
    base) echo 'base/' ;;
    tenant) echo 'base/ tenant/' ;;
    chat) echo 'base/ tenant/ chat/' ;;
    storage) echo 'base/ tenant/ chat/ storage/' ;;
    presence) echo 'base/ storage/ presence/' ;;
    lasnactl) echo 'base/ tenant/ storage/backup/ lasnactl/' ;;
    server-bridge/ipc) echo 'base/ server-bridge/ipc/' ;;
    server-bridge/supervisor) echo 'base/ tenant/ server-bridge/ipc/ server-bridge/supervisor/ server-bridge/settings' ;;
    server-bridge/web) echo 'base/ tenant/ chat/ server-bridge/ipc/ server-bridge/web/ server-bridge/jail.h server-bridge/role.h server-bridge/settings' ;;
    server-bridge/xmpp) echo 'base/ tenant/ chat/ server-bridge/ipc/ server-bridge/xmpp/ server-bridge/role.h server-bridge/settings' ;;
    server-bridge/fetch) echo 'base/ server-bridge/ipc/ server-bridge/fetch/ server-bridge/jail.h server-bridge/role.h server-bridge/settings' ;;
    server-bridge/core) echo 'base/ tenant/ chat/ storage/ presence/ server-bridge/ipc/ server-bridge/core/ server-bridge/role.h server-bridge/settings' ;;
    server-bridge) echo 'base/ tenant/ chat/ storage/ presence/ server-bridge/' ;;
    esac
}
rooms='base tenant chat storage presence lasnactl server-bridge/ipc server-bridge/supervisor
       server-bridge/web server-bridge/xmpp server-bridge/fetch server-bridge/core
       server-bridge'

# header: the only rooms that may include it
owner_of() {
    case $1 in
    strophe.h) echo server-bridge/xmpp ;;
    expat.h) echo server-bridge/xmpp lasnactl ;;
    wslay/*) echo server-bridge/web ;;
    event2/bufferevent_ssl.h) echo server-bridge/web ;;
    sqlite3.h) echo storage ;;
    curl/*) echo lasnactl server-bridge/fetch ;;
    archive.h | archive_entry.h) echo presence lasnactl ;;
    esac
}

# The innermost room a file is in.
room_of() {
    local room best=''
    for room in $rooms; do
        case $1 in "$room"/*) [ ${#room} -gt ${#best} ] && best=$room ;; esac
    done
    echo "$best"
}

# check FOLDER: a line for each include that points the wrong way
check() {
    local folder=$1 file room header allowed start owner
    while IFS= read -r line; do
        file=${line%%:*} header=${line#*:}
        header=${header#*[\"<]} header=${header%[\">]*}
        room=$(room_of "$file")
        [ -n "$room" ] || continue
        if [[ $line == *\"* ]]; then
            allowed=no
            for start in $(may_see "$room"); do
                [[ $header == "$start"* ]] && allowed=yes
            done
            [ $allowed = yes ] || echo "$file may not include \"$header\""
        else
            owner=$(owner_of "$header")
            [ -z "$owner" ] || [[ " $owner " == *" $room "* ]] || echo "$file may not include <$header>: only $owner may"
        fi
    done < <(cd "$folder" && grep -rHoE '^#include [<"][^">]+[">]' --include='*.[ch]' \
        base tenant chat storage presence lasnactl server-bridge 2>/dev/null)
}

echo 1..2
scratch=$(mktemp -d)
mkdir -p "$scratch/chat" "$scratch/server-bridge/web"
echo '#include "storage/store.h"' >"$scratch/chat/wrong.c"
echo '#include <strophe.h>' >"$scratch/server-bridge/web/wrong.c"
caught=$(check "$scratch" | wc -l)
rm -r "$scratch"
if [ "$caught" -eq 2 ]; then
    echo 'ok 1 - an include that points down is noticed'
else
    echo 'not ok 1 - an include that points down is noticed'
fi
wrong=$(check "$root")
if [ -z "$wrong" ]; then
    echo 'ok 2 - all includes point up the list'
else
    echo 'not ok 2 - all includes point up the list'
    printf '%s\n' "$wrong" | sed 's/^/# /'
    exit 1
fi
[ "$caught" -eq 2 ]
