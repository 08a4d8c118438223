#!/usr/bin/env bash
# Live originals in bad surroundings: every run ends with 4 and one complete dump, or says where its head is.
# usage: scripts/watchdog-acceptance.sh [RUNS]   so many runs of each row (30)
# CHAOS names the program; without, the release binary is built. Rows that need root are skipped without it.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$root/scripts/find_chaos.sh"
runs="${1:-30}"
chaos="$(chaos_binary "$root")"
work="$(mktemp -d)"
busy=()
group=""
end() {
  for pid in "${busy[@]}"; do kill "$pid" 2>/dev/null || true; done
  if [[ -n "$group" ]]; then rmdir "$group" 2>/dev/null || true; fi
  umount "$work"/run-*/runs 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
chmod 755 "$work"
cd "$work"
failed=0
words=(run --fault deadlock --revision original --live)

# once NUMBER COMMAND ...: one run in a folder of its own; prints `good` and `named`, or `bad`, and keeps what a bad one said.
once() {
  local folder="$work/run-$1" code=0 dumps
  shift
  mkdir -m 777 "$folder"
  (cd "$folder" && "$@") >"$folder/said" 2>&1 || code=$?
  # Where its own place takes nothing the dump names the one where it stands.
  mapfile -t dumps < <(find "$folder/runs" -name 'stackdump*.txt' 2>/dev/null)
  if [[ ${#dumps[@]} == 0 ]]; then mapfile -t dumps < <(sed -n 's/.*; it stands at //p' "$folder/said"); fi
  if [[ $code == 4 && ${#dumps[@]} == 1 && "$(tail -n 1 "${dumps[0]}")" == "END complete" ]]; then
    grep -q 'symbols: raw' "${dumps[0]}" && echo good || echo good named
  else
    { echo "exit $code, ${#dumps[@]} dumps"; cat "$folder/said"; } >"$work/last-failure"
    echo bad
  fi
  for dump in "${dumps[@]}"; do rm -f "$dump"; done
  if mountpoint -q "$folder/runs"; then umount "$folder/runs"; fi
  rm -rf "$folder"
}

# row NAME RAW_ALLOWED COMMAND ...: all runs of a kind; as many at once as `together` says.
together=1
row() {
  local name="$1" raw="$2" good symbols number
  shift 2
  rm -f "$work/last-failure"
  : >"$work/results"
  for number in $(seq "$runs"); do
    once "$number" "$@" >>"$work/results" &
    if ((number % together == 0 || number == runs)); then wait_for_runs; fi
  done
  good="$(grep -c '^good' "$work/results" || true)"
  symbols="$(grep -c 'named' "$work/results" || true)"
  local verdict=ok
  [[ $good == "$runs" && ($raw == yes || $symbols == "$runs") ]] || { verdict=FAILED; failed=1; }
  printf '%-34s %-7s %d of %d complete, %d with symbols\n' "$name" "$verdict" "$good" "$runs" "$symbols"
  if [[ $verdict == FAILED && -e "$work/last-failure" ]]; then tail -n 6 "$work/last-failure" | sed 's/^/    /'; fi
}

# Not for the loops that keep the machine busy.
wait_for_runs() {
  local pid
  for pid in $(jobs -rp); do
    [[ " ${busy[*]} " == *" $pid "* ]] || wait "$pid" || true
  done
}

frozen() {
  local code=0
  "$chaos" "${words[@]}" & local pid=$!
  sleep 0.3
  kill -STOP "$pid"
  sleep 3
  kill -CONT "$pid"
  wait "$pid" || code=$?
  return "$code"
}

# A small memory for the engine and the process that looks for names.
confined() { bash -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' - "$group" "$chaos" "${words[@]}"; }

# The session has its directory, and the deadlock is still to come.
begun() {
  for _ in $(seq 200); do
    sleep 0.05
    if [[ -n "$(find runs -name run.json -not -path '*.partial*' -print -quit 2>/dev/null)" ]]; then break; fi
  done
  sleep 0.5
}

# From soon after its beginning on the disk has room for the state file that the deadlock needs, and none for the dump.
full_disk() {
  local code
  mkdir runs
  mount -t tmpfs -o size=4m tmpfs runs
  # Where the log takes that room first, no state is saved and nobody waits for anybody: begun anew.
  for _ in 1 2 3 4 5; do
    code=0
    rm -rf runs/*
    "$chaos" "${words[@]}" >part 2>&1 & local pid=$!
    begun
    # In one step: a moment without any room would end the state file too.
    fallocate -l "$(($(df --output=avail -B1 runs | tail -n 1) - 32768))" runs/filler
    wait "$pid" || code=$?
    if grep -q DEADLOCK part; then break; fi
  done
  cat part
  return "$code"
}

# From soon after its beginning on there is one descriptor, for the state file that the deadlock needs, and none for the dump.
no_descriptor() {
  local code=0
  "$chaos" "${words[@]}" & local pid=$!
  begun
  local limit=$(($(find "/proc/$pid/fd" -mindepth 1 | wc -l) + 1))
  prlimit --pid "$pid" --nofile="$limit:$limit"
  wait "$pid" || code=$?
  return "$code"
}

row "idle machine" no "$chaos" "${words[@]}"
for _ in 1 2; do (while :; do :; done) & busy+=($!); done
row "two busy loops" no "$chaos" "${words[@]}"
for pid in "${busy[@]}"; do kill "$pid"; done
busy=()
together=4
row "stdout closed" no bash -c '"$@" >&-' - "$chaos" "${words[@]}"
row "stderr closed" no bash -c '"$@" 2>&-' - "$chaos" "${words[@]}"
row "both closed" no bash -c '"$@" >&- 2>&-' - "$chaos" "${words[@]}"
row "env -i" no env -i "$chaos" "${words[@]}"
row "no queued signals (ulimit -i 0)" no bash -c 'ulimit -i 0; "$@"' - "$chaos" "${words[@]}"
row "stopped for 3 s" no frozen
if [[ "$(id -u)" == 0 ]] && command -v setpriv >/dev/null; then
  cp "$chaos" "$work/chaos"
  row "not root" no setpriv --reuid 65534 --clear-groups "$work/chaos" "${words[@]}"
else
  echo "not root                           skipped: this needs root to give it up"
fi
row "no descriptor left" yes no_descriptor
if [[ "$(id -u)" == 0 ]]; then
  row "full disk" no full_disk
else
  echo "full disk                          skipped: this needs root for a small disk"
fi
memory=/sys/fs/cgroup/memory
if [[ -w "$memory/memory.limit_in_bytes" || -w "$memory/cgroup.procs" ]] && mkdir "$memory/chaos-$$" 2>/dev/null; then
  group="$memory/chaos-$$"
  echo 24M >"$group/memory.limit_in_bytes"
  together=1
  row "24 MB for engine and child" yes confined
else
  echo "24 MB for engine and child         skipped: no memory controller of cgroups that may be written to"
fi
exit "$failed"
