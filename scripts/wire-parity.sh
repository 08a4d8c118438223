#!/usr/bin/env bash
# Our engine in memory and over the wire: eleven faults, of each the bug's old code and the mended one, judged by one check.
# usage: scripts/wire-parity.sh [--seconds S] [--jobs N] [BUG ...]   default: all of the table below, 60 s each, 4 at a time
# A row is good when the old code fails the bug's check on both sides and the mended code passes it on both.
# exit codes: 0 all rows are good; 1 one is not; 3 a fault never fired. CHAOS=/path/to/chaos names the program.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$root/scripts/find_chaos.sh"

# bug, its fault, its check
table="9.2 insufficient-balance intents-settled
INT-2 some-orders-refused budget-balances
C-PORT-03 partial-fill budget-balances
R-1 slow-fill no-duplicate-orders
MD-1 slow-tickers feed-alive
ACK-1 acked-then-unknown no-duplicate-orders
SELL-1 closed-exits no-futile-retries
9.4 slow-budget-refresh budget-refresh-bounded
C-PORT-02 deadlock no-deadlock
MD-4 feed-dies feed-alive
9.5 formatter-hang logging-bounded"

jobs=4
seconds=60
bugs=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    --seconds) seconds="$2"; shift 2 ;;
    --jobs) jobs="$2"; shift 2 ;;
    -*) printf 'wire-parity: unknown option %s\n' "$1" >&2; exit 2 ;;
    *) bugs+=("$1"); shift ;;
  esac
done
CHAOS="$(chaos_binary "$root")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# session NAME BUG REVISION memory|wire: one live paper session; its run.json stands in $work/NAME.
session() {
  local words=("$CHAOS" paper --live --scenario "$2" --duration "$seconds" --out "$work/$1" --json)
  [[ "$3" == fixed ]] || words+=(--revision "$2=original")
  if [[ "$4" == memory ]]; then
    "${words[@]}" --venue binance >"$work/$1.json" 2>"$work/$1.log" || true
    return
  fi
  export CHAOS_API_KEY=parity CHAOS_API_SECRET="$1-$RANDOM$RANDOM"
  "$CHAOS" serve --listen 127.0.0.1:0 --json --no-limits --out "$work/serve-$1" >"$work/$1.serve" 2>"$work/$1.serve.log" &
  local server=$!
  for _ in $(seq 100); do
    [[ -s "$work/$1.serve" ]] && break
    sleep 0.1
  done
  local url
  url="$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$work/$1.serve")"
  "${words[@]}" --exchange "$url" >"$work/$1.json" 2>"$work/$1.log" || true
  kill -INT "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
}

names=()
while read -r bug fault check; do
  if [[ ${#bugs[@]} -gt 0 && " ${bugs[*]} " != *" $bug "* ]]; then continue; fi
  for side in memory wire; do
    for revision in original fixed; do
      while [[ "$(jobs -rp | wc -l)" -ge "$jobs" ]]; do sleep 0.2; done
      session "$bug-$side-$revision" "$bug" "$revision" "$side" &
    done
  done
done <<<"$table"
wait

python3 - "$work" "$table" "${bugs[@]}" <<'PYTHON'
import json, sys
work, table, chosen = sys.argv[1], sys.argv[2], sys.argv[3:]
marks = {"pass": "passed", "fail": "FAILED", "inconclusive": "open", "not_applicable": "not asked"}

def look(bug, side, revision, check):
    try:
        run = json.load(open(f"{work}/{bug}-{side}-{revision}.json"))
    except (OSError, ValueError):
        return "no run", 0, []
    outcome = {v["check"]: v["outcome"] for v in run["verdicts"]}
    fired = sum(c["fired"] for c in run["fault_counts"])
    failed = sorted(name for name, word in outcome.items() if word == "fail")
    return marks.get(outcome.get(check), outcome.get(check) or "no verdict"), fired, failed

worst = 0
print(f"{'fault':<21} {'check':<20} {'':<9} {'in memory':<22} {'over the wire':<22} same")
for line in table.splitlines():
    bug, fault, check = line.split()
    if chosen and bug not in chosen:
        continue
    for revision in ("original", "fixed"):
        sides = {side: look(bug, side, revision, check) for side in ("memory", "wire")}
        words = [f"{sides[s][0]}, fired {sides[s][1]}" for s in ("memory", "wire")]
        same = sides["memory"][0] == sides["wire"][0]
        wanted = "FAILED" if revision == "original" else "passed"
        good = same and sides["wire"][0] == wanted
        if not good:
            worst = max(worst, 1)
        if not all(sides[s][1] for s in sides):
            worst = max(worst, 3) if worst != 1 else 1
        print(f"{fault:<21} {check:<20} {revision:<9} {words[0]:<22} {words[1]:<22} {'yes' if good else 'NO'}")
        others = {s: [n for n in sides[s][2] if n != check] for s in sides}
        if revision == "fixed":
            for side, names in others.items():
                if names:
                    print(f"{'':<43}{side} also failed: {', '.join(names)}")
sys.exit(worst)
PYTHON
