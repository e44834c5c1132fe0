# SPDX-License-Identifier: Apache-2.0
# Installs what is missing and nothing else; silent and quick when nothing is.
. "$ROOT/tools/dev/common.bash"

packages=(
    build-essential cmake ninja-build pkg-config git clang clang-format clang-tidy cppcheck
    libclang-rt-14-dev libevent-dev libwslay-dev libstrophe-dev libssl-dev libsqlite3-dev sqlite3
    libjansson-dev libinih-dev libutf8proc-dev libsystemd-dev libseccomp-dev libcmocka-dev
    uthash-dev zlib1g-dev libexpat1-dev libcurl4-openssl-dev prosody prosody-modules chromium
    brotli xz-utils strace procps openssl ca-certificates curl shellcheck
)
# Versions below these have holes or faults we know of (docs/dependencies.md).
floors=(
    libexpat1=2.5.0-1+deb12u1 libssl3=3.0.15 libevent-2.1-7=2.1.12-stable-8
    prosody=0.12.3 libsqlite3-0=3.40.1
)

is_installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

missing=()
for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
done
# A node and npm from elsewhere will do; Debian's own come together.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    missing+=(nodejs npm)
fi
for floor in "${floors[@]}"; do
    have=$(dpkg-query -W -f '${Version}' "${floor%%=*}" 2>/dev/null || true)
    if [ -z "$have" ] || dpkg --compare-versions "$have" lt "${floor#*=}"; then
        missing+=("${floor%%=*}")
    fi
done

if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "needs root or sudo to install: ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # No service of these packages is started: instances are ours alone.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

node_major=$(node -p 'process.versions.node.split(".")[0]')
[ "$node_major" -ge 18 ] || die "node $node_major is too old; 18 or later is needed"

if [ -f "$ROOT/package-lock.json" ] &&
    ! cmp -s "$ROOT/package-lock.json" "$ROOT/node_modules/.stamp"; then
    say "installing npm modules"
    (cd "$ROOT" && npm ci --silent --no-fund --no-audit)
    cp "$ROOT/package-lock.json" "$ROOT/node_modules/.stamp"
fi
