#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev up keeps off the ports that no browser loads anything from: on one of those everything
# answers, and no page has a chat. Prints TAP.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT

told=$(bash "$root/dev" up --home "$home" --port-base 10000 2>&1)
code=$?
if [ "$code" -eq 2 ] && [[ $told == *'port 10080 (port base 10000); choose another --port-base'* ]] &&
    [ ! -e "$home/instance.json" ]; then
    echo 'ok 1 - up_refuses_a_port_that_browsers_refuse'
else
    echo 'not ok 1 - up_refuses_a_port_that_browsers_refuse'
    echo "# exit $code: $told"
fi
echo '1..1'
[ "$code" -eq 2 ]
