#!/usr/bin/env bash
# A paper session and its four-part report: scripts/run_paper_session.sh [seconds] [--live] [options of 'chaos paper']
# Builds the release binary when it is absent or older than Sources. Exits as the report says.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
binary="$root/.build/release/chaos"

duration=300
if [[ $# -gt 0 && "$1" != -* ]]; then
  duration="$1"
  shift
fi

if [[ ! -x "$binary" ]] || [[ -n "$(find -L "$root/Sources" "$root/Package.swift" -newer "$binary" -type f -print -quit)" ]]; then
  echo "building chaos (release)" >&2
  (cd "$root" && swift build -c release --product chaos >&2)
fi

exec "$binary" paper --duration "$duration" "$@"
