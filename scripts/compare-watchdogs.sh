#!/usr/bin/env bash
# What tools say of the same deadlock: ten threads, two of them in a circle of two locks, the others idle.
# usage: scripts/compare-watchdogs.sh [ROUNDS]   medians of so many rounds (5), in one run on one machine
# A tool that is not installed is a row that says so. Debian: golang-go openjdk-17-jdk-headless elfutils gdb; PyPI: py-spy.
# CHAOS names the program; without, the release binary is built. PYTHON names the interpreter (python3).
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$root/scripts/find_chaos.sh"
rounds="${1:-5}"
python="${PYTHON:-python3}"
programs="$root/scripts/watch-bots/compare"
chaos="$(chaos_binary "$root")"
work="$(mktemp -d)"
pids=()
end() { for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done; rm -rf "$work"; }
trap end EXIT
cd "$work"

# measure NAME COMMAND ...: the median time of the command, and what its output names.
measure() {
  local name="$1" times=() from
  shift
  for _ in $(seq "$rounds"); do
    from=$(date +%s%N)
    "$@" >out 2>&1 || true
    times+=("$((($(date +%s%N) - from) / 10000))")
  done
  report "$name" "$(printf '%s\n' "${times[@]}" | sort -n | sed -n "$((rounds / 2 + 1))p")" out
}

# report NAME HUNDREDTHS_OF_MS FILE
report() {
  local found=()
  grep -qiE 'DEADLOCK: threads|Java-level deadlock' "$3" && found+=("circle")
  grep -qE 'held by [a-z]' "$3" && found+=("holder")
  grep -qE 'taken at .*:[0-9]+' "$3" && found+=("where taken")
  grep -qE '(engine-a|engine-main)' "$3" && found+=("thread names")
  grep -qE '\.(py|go|java|swift|c):[0-9]+|line [0-9]+' "$3" && found+=("lines")
  local words
  words="$(IFS=,; echo "${found[*]:-nothing of these}")"
  printf '%-30s %9.2f ms %8d bytes  %s\n' "$1" "${2}e-2" "$(wc -c <"$3")" "${words//,/, }"
}

missing() { printf '%-30s skipped: %s is not installed\n' "$1" "$2"; }

# Ours: from the last edge to the complete dump on disk.
"$chaos" bench watchdog --rounds "$rounds" --sections 1000 --json >bench.json
raw="$("$python" -c 'import json; print(round(json.load(open("bench.json"))["watchdog_report_to_raw_dump_p50_ms"] * 100))')"
"$chaos" run --fault deadlock --revision original --live --out runs >/dev/null 2>&1 || true
dump="$(find runs -name stackdump.txt | head -n 1)"
if [[ -n "$dump" ]]; then report "chaos, own engine" "$raw" "$dump"; fi

"$python" "$programs/abba.py" &
py=$!
pids+=("$py")
disown
sleep 1
watch_once() { rm -f stackdump.txt; "$chaos" watch --fatal -- "$python" "$programs/abba.py" >/dev/null 2>&1 || true; cat stackdump.txt; }
measure "chaos watch, Python, with start" watch_once
fault() { : >faults.txt; kill -USR1 "$py"; while ! grep -q 'line' faults.txt; do :; done; cat faults.txt; }
measure "faulthandler" fault
if command -v py-spy >/dev/null; then measure "py-spy dump" py-spy dump --pid "$py"; else missing "py-spy dump" py-spy; fi
if command -v eu-stack >/dev/null; then measure "eu-stack" eu-stack -p "$py"; else missing eu-stack elfutils; fi
if command -v gdb >/dev/null; then
  measure "gdb" gdb -p "$py" -batch -nx -iex "set debuginfod enabled off" -ex "thread apply all bt"
else
  missing gdb gdb
fi
if command -v javac >/dev/null; then
  javac -d . "$programs/Abba.java"
  java -cp . Abba &
  java_pid=$!
  pids+=("$java_pid")
  disown
  sleep 2
  measure "jstack" jstack -l "$java_pid"
else
  missing jstack openjdk-17-jdk-headless
fi
if command -v go >/dev/null; then
  go build -o abba-go "$programs/abba.go"
  quit() { ./abba-go & local pid=$!; sleep 0.5; kill -QUIT "$pid"; wait "$pid" || true; }
  measure "go SIGQUIT, with 500 ms start" quit
else
  missing "go SIGQUIT" golang-go
fi
