#!/usr/bin/env bash
# What 'chaos watch' says of bots that stop, and of one that does not: one row each, exit 1 where one is not as expected.
# usage: scripts/watch-acceptance.sh [--idle SECONDS]   the idle bot runs so long (600)
# PYTHON names the interpreter (python3), PYTHONS further ones for the rows of other versions, GUNICORN_PYTHON one that has
# gunicorn (PyPI). Go and Java are tried where 'go' and 'javac' are installed
# (Debian: golang-go, openjdk-17-jdk-headless). CHAOS names the program; without, the release binary is built.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$root/scripts/find_chaos.sh"
idle=600
[[ "${1-}" == --idle ]] && idle="${2:?seconds}"
python="${PYTHON:-python3}"
bots="$root/scripts/watch-bots"
chaos="$(chaos_binary "$root")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

# row NAME CODE WORDS [OPTION ...] -- COMMAND ...: the expected exit code, and words that stand in the dump.
row() {
  local name="$1" code="$2" words="$3" got=0 from seen
  shift 3
  rm -f stackdump*.txt out
  from=$(date +%s%N)
  "$chaos" watch "$@" >out 2>&1 || got=$?
  seen=missing
  if [[ -z "$words" ]]; then
    [[ -e stackdump.txt ]] || seen="no dump"
  elif grep -qE -- "$words" stackdump.txt 2>/dev/null && [[ "$(tail -n 1 stackdump.txt)" == "END complete" ]]; then
    seen="$words"
  fi
  local verdict=ok
  [[ "$got" == "$code" && "$seen" != missing ]] || { verdict=FAILED; failed=1; }
  printf '%-34s exit %-3s wanted %-3s %6.1f s  %-7s %s\n' "$name" "$got" "$code" \
    "$(( ($(date +%s%N) - from) / 100000000 ))e-1" "$verdict" "$seen"
  [[ "$verdict" == ok ]] || { sed 's/^/    /' out | tail -n 12; sed 's/^/    /' stackdump.txt 2>/dev/null | head -n 60; }
}

row "deadlock" 4 'held by saver .*taken at .*deadlock.py:10' --fatal -- "$python" "$bots/deadlock.py"
row "deadlock in a forked child" 4 'CYCLE  .2 threads' --fatal -- "$python" "$bots/forks.py"
if [[ -n "${GUNICORN_PYTHON-}" ]]; then
  row "deadlock in gunicorn's worker" 4 'CYCLE  .2 threads' --fatal -- "$GUNICORN_PYTHON" -m gunicorn \
    --workers 1 --bind 127.0.0.1:0 --chdir "$bots" gunicorn_app:app
else
  echo "deadlock in gunicorn's worker      skipped: GUNICORN_PYTHON names no interpreter"
fi
for other in ${PYTHONS-}; do
  version="$("$other" -c 'import platform; print(platform.python_version())')"
  row "deadlock, CPython $version" 4 'held by saver .*taken at .*deadlock.py:10' --fatal -- "$other" "$bots/deadlock.py"
  row "C keeps the GIL, CPython $version" 3 'faulthandler: stacks of [23] threads' --fatal --stall 2s -- "$other" "$bots/gil.py"
done
row "stuck in I/O" 3 '#0  ask .*stuck_io.py:10' --fatal --stall 2s --heartbeat-line round -- "$python" "$bots/stuck_io.py"
row "asyncio, loop blocked" 3 '#0  strategy .*asyncio_blocked.py:13' --fatal --stall 2s -- "$python" "$bots/asyncio_blocked.py"
row "spinning" 3 'verdict: BUSY' --fatal --stall 2s --heartbeat-line round -- "$python" "$bots/spin.py"
row "C function keeps the GIL" 3 'faulthandler: stacks of [23] threads' --fatal --stall 2s -- "$python" "$bots/gil.py"
row "python -I" 3 'verdict: waits in the kernel' --fatal --stall 2s --heartbeat-line never -- "$python" -I "$bots/deadlock.py"
if command -v go >/dev/null; then
  go build -o deadlock-go "$bots/deadlock.go"
  row "Go, deadlock" 3 'THREAD goroutine' --fatal --stall 2s --heartbeat-line round -- ./deadlock-go
else
  echo "Go, deadlock                       skipped: go is not installed"
fi
if command -v javac >/dev/null; then
  javac -d . "$bots/Deadlock.java"
  row "Java, deadlock" 4 'Deadlock.both' --fatal --stall 2s --heartbeat-line round -- java -cp . Deadlock
else
  echo "Java, deadlock                     skipped: javac is not installed"
fi
# What a lock costs: under 1 us, as the plain ones are measured in the same run.
for each in "$python" ${PYTHONS-}; do
  plain="$("$each" "$bots/lock_cost.py")"
  watched="$("$chaos" watch -- "$each" "$bots/lock_cost.py")"
  printf '%-34s plain: %s; watched: %s\n' "cost, $("$each" --version)" "$plain" "$watched"
  awk -F'[ ,]+' '{exit !($2 < 1 && $5 < 1)}' <<<"$watched" || { echo "    FAILED: 1 us or more"; failed=1; }
done
row "idle, ${idle} s" 0 '' --fatal --stall 5s --heartbeat-line heartbeat -- "$python" "$bots/idle.py" "$idle"
exit "$failed"
