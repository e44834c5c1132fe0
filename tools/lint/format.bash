# SPDX-License-Identifier: Apache-2.0
# Which files clang-format sees to, and which clang-format: version 14 is Debian 12's, and
# others break lines elsewhere. Sourced, in the root of the tree.

clang_format() {
    local tool=clang-format
    ! command -v clang-format-14 >/dev/null || tool=clang-format-14
    "$tool" "$@"
}

# Each name ends with NUL.
c_files() {
    find . -path ./build -prune -o -name node_modules -prune -o -name '*.[ch]' -printf '%P\0'
}
