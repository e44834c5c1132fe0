# SPDX-License-Identifier: Apache-2.0
# What the C tests run through: ./dev coverage [PATTERN]. A line a file, worst first, then a line
# a room. Integration and browser tests are not counted: their daemons are other processes.
. "$ROOT/tools/dev/common.bash"

pattern=${1:-}
cd "$ROOT"
bash tools/dev/setup.sh
bash tools/dev/build.sh --coverage
find build/coverage -name '*.gcda' -delete

while IFS= read -r program; do
    [[ ${program##*/} == *"$pattern"* ]] || continue
    timeout 300 "$program" >build/coverage/last.log 2>&1 || {
        tail -20 build/coverage/last.log >&2
        die "coverage: ${program##*/} fails; see ./dev test ${program##*/}"
    }
done <build/coverage/tests/tests.list

# "File 'base/buf.c'", then "Lines executed:97.50% of 80". A header is met in many objects: once
# is enough, and the best of them is near the truth.
find build/coverage -name '*.gcda' -print0 | xargs -0 -n 50 gcov --no-output --relative-only \
    --source-prefix "$ROOT" 2>/dev/null | awk -F"[':% ]+" '
    /^File / { file = $2 }
    /^Lines executed/ && file ~ /\.[ch]$/ && file !~ /^(tests|bench)\// {
        run = $3 * $5 / 100
        if (!(file in lines) || run > covered[file]) { covered[file] = run; lines[file] = $5 }
        file = ""
    }
    END {
        for (file in lines) {
            room = file
            sub(/\/[^\/]*$/, "", room)
            rooms[room] += lines[file]; done[room] += covered[file]
            all += lines[file]; run_all += covered[file]
            printf "1 %5.1f %%  %5d lines  %s\n", 100 * covered[file] / lines[file], lines[file], file
        }
        for (room in rooms)
            printf "2 %5.1f %%  %5d lines  %s/\n", 100 * done[room] / rooms[room], rooms[room], room
        if (all > 0) printf "3 coverage: %.1f %% of %d lines\n", 100 * run_all / all, all
    }' | sort -k1,1n -k2,2n | cut -c3-
