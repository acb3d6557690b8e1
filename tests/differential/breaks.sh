#!/usr/bin/env bash
# Shows that the test can fail: breaks the lowering in a copy of the last commit, one patch of breaks/ after the other,
# and expects bodies that differ. Takes the seeds of FLOW_SEEDS, or some that show all three.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
copy="$target/breaks"
export FLOW_SEEDS="${FLOW_SEEDS:-0..40}" CARGO_TARGET_DIR="$target/broken"

missed=0
for patch in "$here"/breaks/*.patch; do
    rm -rf "$copy" && mkdir -p "$copy"
    git -C "$root" archive HEAD | tar -x -C "$copy"
    (cd "$copy" && patch --quiet -p1 <"$patch")
    log="$copy/log"
    (cd "$copy" && cargo test -p differential --test differential >"$log" 2>&1) || true
    name="$(basename "$patch" .patch)"
    if found="$(grep 'bodies differ:' "$log")"; then
        echo "$name: ${found%%;*}"
    else
        echo "$name: not found, see $log"
        missed=1
    fi
done
exit "$missed"
