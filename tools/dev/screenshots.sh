# SPDX-License-Identifier: Apache-2.0
# Makes the pictures of the manual, docs/images/*.png, from a real instance: the widget in Chromium,
# the desk in Profanity, Gajim and Dino on a screen of their own.
. "$ROOT/tools/dev/common.bash"

out=$ROOT/docs/images
[ $# -le 1 ] || usage_error "screenshots: at most one name (./dev help)"
bash "$ROOT/tools/dev/setup.sh"
# The clients and their screen: for this verb alone.
mapfile -t missing < <(missing_packages xvfb xterm openbox xdotool imagemagick bubblewrap dbus libglib2.0-bin \
    fonts-dejavu-core fonts-noto-color-emoji adwaita-icon-theme gajim dino-im)
[ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
bash "$ROOT/tools/dev/build.sh"
mkdir -p "$out"
node "$ROOT/tools/screenshots/screenshots.mjs" "$out" "$@"
exec node "$ROOT/tools/screenshots/clients.mjs" "$out" "$@"
