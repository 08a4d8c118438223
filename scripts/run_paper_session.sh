#!/usr/bin/env bash
# A paper session and its report: scripts/run_paper_session.sh [seconds] [--live] [options of 'chaos paper']
# Builds the release binary when it is absent or older than Sources. Exits as the report says.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$root/scripts/find_chaos.sh"

duration=300
if [[ $# -gt 0 && "$1" != -* ]]; then
  duration="$1"
  shift
fi

binary="$(chaos_binary "$root")"
exec "$binary" paper --duration "$duration" "$@"
