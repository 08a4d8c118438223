#!/usr/bin/env bash
# How much of the engine the gauntlet reaches: the lines of Sources/TradingEngine that its cases run, by the counters of an
# instrumented build. Needs the toolchain alone.
# usage: scripts/coverage.sh [--at-least PERCENT] [--of DIR] [--schedules N] [--filter TEXT]... [--again]
#   --at-least   exit 1 where fewer lines are reached (default 95)
#   --of         another directory of the sources, such as Sources/FakeExchange
#   --schedules  of each proof (default 60, the fewest that prove anything)
#   --filter     only cases whose name contains it; without, healthy/, fault/, pair/ and proof/
#   --again      the report alone, from the run before
# Prints percent and lines of each file, then every stretch of lines that was not reached with the reason that
# scripts/coverage-unreached.txt gives for it; what has no reason there is marked NO REASON.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"

die() { printf 'coverage: %s\n' "$1" >&2; exit "${2:-1}"; }
bar=95
under=Sources/TradingEngine
schedules=60
again=no
filters=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    --again) again=yes; shift; continue ;;
    --at-least|--of|--schedules|--filter) [[ $# -gt 1 ]] || die "$1 expects a value" 2 ;;
    *) die "unexpected argument $1" 2 ;;
  esac
  case "$1" in
    --at-least) bar="$2" ;;
    --of) under="${2%/}" ;;
    --schedules) schedules="$2" ;;
    --filter) filters+=(--filter "$2") ;;
  esac
  shift 2
done
[[ "$bar" =~ ^[0-9]+(\.[0-9]+)?$ ]] || die "--at-least expects a percentage, not $bar" 2
[[ -d "$under" ]] || die "there is no directory $under" 2
[[ ${#filters[@]} -gt 0 ]] || filters=(--filter healthy/ --filter fault/ --filter pair/ --filter proof/)

build=.build/coverage
profiles="$build/profiles"
tools="$(dirname "$(readlink -f "$(command -v swift)")")"
if [[ $again == no ]]; then
  echo "building with counters (release)" >&2
  swift build -c release --product chaos --scratch-path "$build" \
    -Xswiftc -profile-generate -Xswiftc -profile-coverage-mapping 2>&1 | { grep -E 'error:|^Build' || true; } >&2
  rm -rf "$profiles"
  mkdir -p "$profiles"
  # Forked workers end without writing their counters, so each process runs its share itself.
  cores="$(getconf _NPROCESSORS_ONLN)"
  runs=()
  for ((part = 1; part <= cores; part++)); do
    LLVM_PROFILE_FILE="$profiles/$part.profraw" "$build/release/chaos" gauntlet "${filters[@]}" --jobs 0 --budget 3600s \
      --shard "$part/$cores" --schedules "$schedules" --campaigns 5 --out "$build/runs" >"$profiles/$part.txt" 2>&1 &
    runs+=($!)
  done
  for part in "${!runs[@]}"; do
    code=0
    wait "${runs[part]}" || code=$?
    # A red case has run its lines all the same; 5: more parts than cases.
    case $code in
      0|5) ;;
      1|3|4) printf 'coverage: part %d of the gauntlet ended with %d: %s\n' $((part + 1)) "$code" \
        "$profiles/$((part + 1)).txt" >&2 ;;
      *) tail -n 20 "$profiles/$((part + 1)).txt" >&2; die "the gauntlet ended with $code" ;;
    esac
  done
  "$tools/llvm-profdata" merge -sparse "$profiles"/*.profraw -o "$profiles/all.profdata"
fi
[[ -e "$profiles/all.profdata" ]] || die "there is no run to report on; leave --again out" 2

"$tools/llvm-cov" export -format=lcov -instr-profile "$profiles/all.profdata" "$build/release/chaos" "$root/$under" \
  >"$profiles/lines.lcov"

# The first file has a line "FILE: TEXT  # REASON" for each stretch, TEXT being what stands in one of its lines.
awk -v root="$root/" -v bar="$bar" '
  FNR == NR {
    if ($0 ~ /^#/ || $0 ~ /^ *$/) next
    colon = index($0, ": "); mark = index($0, "  # ")
    count++
    file[count] = substr($0, 1, colon - 1)
    text[count] = substr($0, colon + 2, mark - colon - 2)
    reason[count] = substr($0, mark + 4)
    next
  }
  /^SF:/ { path = substr($0, 4); sub(root, "", path); names[++files] = path; all = hit = 0; next }
  /^DA:/ {
    split(substr($0, 4), part, ",")
    all++
    if (part[2] > 0) hit++; else missed[path, ++gaps[path]] = part[1]
    next
  }
  /^end_of_record/ { lines[path] = all; hits[path] = hit; total += all; reached += hit; next }
  function source(path,   line, number) {
    number = 0
    delete code
    while ((getline line < (root path)) > 0) code[++number] = line
    close(root path)
  }
  function explain(path, first, last,   number, entry, name) {
    name = path; sub(/.*\//, "", name)
    for (entry = 1; entry <= count; entry++) {
      if (file[entry] != name) continue
      for (number = first; number <= last; number++)
        if (index(code[number], text[entry]) > 0) { used[entry] = 1; return reason[entry] }
    }
    return "NO REASON"
  }
  END {
    for (i = 1; i <= files; i++) {
      path = names[i]
      if (lines[path]) printf "%6.1f %%  %4d of %4d  %s\n", 100 * hits[path] / lines[path], hits[path], lines[path], path
    }
    print ""
    for (i = 1; i <= files; i++) {
      path = names[i]
      if (!gaps[path]) continue
      source(path)
      for (j = 1; j <= gaps[path]; j++) {
        first = last = missed[path, j]
        while (j < gaps[path] && missed[path, j + 1] == last + 1) last = missed[path, ++j]
        printf("%s:%d%s  %s\n", path, first, (last > first ? "-" last : ""), explain(path, first, last))
        for (number = first; number <= last; number++) printf "    %s\n", code[number]
      }
    }
    for (i = 1; i <= count; i++) if (!(i in used)) printf "reached now, though a reason is given: %s: %s\n", file[i], text[i]
    percent = total ? 100 * reached / total : 0
    printf "\n%d of %d lines reached, %.1f %% (at least %s)\n", reached, total, percent, bar
    exit percent < bar
  }
' scripts/coverage-unreached.txt "$profiles/lines.lcov"
