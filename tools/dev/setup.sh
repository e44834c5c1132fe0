# SPDX-License-Identifier: Apache-2.0
# Installs what is missing and nothing else; silent and quick when nothing is.
. "$ROOT/tools/dev/common.bash"
[ $# -eq 0 ] || usage_error "setup takes no arguments (./dev help)"

packages=(
    build-essential cmake ninja-build pkg-config git clang clang-format clang-tidy cppcheck
    libclang-rt-14-dev libevent-dev libwslay-dev libstrophe-dev libssl-dev libsqlite3-dev sqlite3
    libjansson-dev libinih-dev libutf8proc-dev libsystemd-dev libseccomp-dev libcmocka-dev
    uthash-dev zlib1g-dev libexpat1-dev libcurl4-openssl-dev libarchive-dev libxml2-utils libstemmer-dev prosody prosody-modules ejabberd chromium
    brotli zopfli cmark-gfm mandoc xz-utils strace procps openssl ca-certificates curl shellcheck
    profanity tmux
)
# "package=version" lines of the one table of floors.
mapfile -t floors < <(sed -n 's/^FLOOR(\([^,]*\), "\([^"]*\)".*/\1=\2/p' \
    "$ROOT/server-bridge/supervisor/floors.def")

mapfile -t missing < <(missing_packages "${packages[@]}")
# A node and npm from elsewhere will do; Debian's own come together.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    missing+=(nodejs npm)
fi

# What the registry cannot bring to its floor is told once a day, not tried at each call.
below=()
for floor in "${floors[@]}"; do
    have=$(dpkg-query -W -f '${Version}' "${floor%%=*}" 2>/dev/null || true)
    if [ -n "$have" ] && dpkg --compare-versions "$have" lt "${floor#*=}"; then
        below+=("${floor%%=*}")
    fi
done
told="$(date +%F) ${below[*]}"
if [ ${#below[@]} -gt 0 ] && [ "$(cat "$ROOT/build/floors.told" 2>/dev/null)" != "$told" ]; then
    # With the headers that must match them.
    missing+=("${below[@]}" libexpat1-dev libssl-dev libevent-dev libsqlite3-dev)
fi

if [ ${#missing[@]} -gt 0 ]; then
    apt_install "${missing[@]}"
    if [ ${#below[@]} -gt 0 ]; then
        mkdir -p "$ROOT/build"
        echo "$told" >"$ROOT/build/floors.told"
    fi
fi

node_major=$(node -p 'process.versions.node.split(".")[0]')
[ "$node_major" -ge 18 ] || die "node $node_major is too old; 18 or later is needed"

install_modules
