# SPDX-License-Identifier: Apache-2.0
# Makes every C file look as .clang-format says, and tells which it changed.
. "$ROOT/tools/dev/common.bash"
. "$ROOT/tools/lint/format.bash"

cd "$ROOT"
bash tools/dev/setup.sh
changed=0
while IFS= read -r -d '' file; do
    if ! clang_format --dry-run -Werror "$file" 2>/dev/null; then
        clang_format -i "$file"
        echo "mended $file"
        changed=$((changed + 1))
    fi
done < <(c_files)
echo "fmt: $changed files changed"
