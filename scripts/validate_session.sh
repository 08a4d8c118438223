#!/usr/bin/env bash
# The guide's five steps after a deployment: scripts/validate_session.sh [DIR]
# Without DIR it first runs a session of 600 seconds and its regression test; with DIR it validates that session, and
# 'chaos check' makes the regression test's report again.
# 0: every step passed; 1: a step failed; 3: inconclusive; 4: a dump or a proven cycle; 2: jq or a file is missing.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

usage() { printf 'validate_session: %s\n' "$1" >&2; exit 2; }
[[ $# -le 1 ]] || usage "one session directory at most, as in: scripts/validate_session.sh sessions/latest"
command -v jq >/dev/null || usage "jq is needed to read summary.json; install it (apt-get install jq) and run this again"

worst=0
step() { printf '\n[STEP %s] %s\n' "$1" "$2"; }
pass() { printf '  ✓ PASS: %s\n' "$1"; }
fail() { printf '  ✗ FAIL: %s\n' "$1"; [[ $worst -eq 4 ]] || worst=1; }
unsure() { printf '  ? INCONCLUSIVE: %s\n' "$1"; [[ $worst -ne 0 ]] || worst=3; }

step 1 "Regression test"
code=0
if [[ $# -eq 1 ]]; then
  session="${1%/}"
  [[ -d "$session" ]] || usage "$session is not a directory"
  source "$root/scripts/find_chaos.sh"
  chaos="$(chaos_binary "$root")" || usage "chaos cannot be built"
  # The report alone: after its second rule every verdict comes again.
  "$chaos" check "$session" | awk 'rules < 2 { print "  | " $0 } /^=+$/ { rules++ }' || code=${PIPESTATUS[0]}
else
  session="sessions/latest"
  "$root/scripts/run_paper_session.sh" 600 | sed 's/^/  | /' || code=${PIPESTATUS[0]}
fi
case $code in
  0) pass "the regression test passed" ;;
  1) fail "the regression test failed, exit code 1" ;;
  3) unsure "the regression test is inconclusive, exit code 3" ;;
  4) fail "the regression test found a stack dump or a proven cycle, exit code 4"; worst=4 ;;
  *) usage "the regression test could not be run, exit code $code" ;;
esac
[[ -d "$session" ]] || usage "$session is not a directory"

summary="$session/metrics/summary.json"
step 2 "Metrics summary"
if [[ ! -f "$summary" ]]; then
  fail "$summary is missing ('chaos doctor $session' says why)"
  exit "$worst"
elif ! jq -e '.counters | type == "object"' "$summary" >/dev/null 2>&1; then
  fail "$summary is not a metrics summary"
  exit "$worst"
fi
jq -c '.counters, .gauges' "$summary" | sed 's/^/  /'
pass "$summary can be read"

step 3 "Fill rate above 0"
fill_rate="$(jq -r '.gauges.fill_rate // "none"' "$summary")"
if jq -e '(.gauges.fill_rate // 0) > 0' "$summary" >/dev/null; then
  pass "fill rate $fill_rate"
else
  fail "fill rate $fill_rate"
fi

step 4 "Fewer than 10 stale intents"
stale="$(jq -r '.counters.intents_stale // "none"' "$summary")"
if jq -e '(.counters.intents_stale // 10) < 10' "$summary" >/dev/null; then
  pass "$stale stale intents"
else
  fail "$stale stale intents"
fi

step 5 "ERROR lines for failures"
shopt -s nullglob
logs=("$session"/logs/events_*.jsonl)
# What was sent and is neither filled nor pending failed too, even where the engine itself counts no failure.
failures="$(jq -r '[.counters.orders_failed, .counters.orders_sent - .counters.orders_filled - .gauges.intents_pending] | max' "$summary")"
if [[ ${#logs[@]} -eq 0 ]]; then
  fail "no $session/logs/events_*.jsonl"
else
  errors="$(cat "${logs[@]}" | grep -c '"level":"ERROR"' || true)"
  if [[ "$errors" -ge "$failures" ]]; then
    pass "$errors ERROR lines, $failures failed orders"
  else
    fail "$errors ERROR lines for $failures failed orders"
  fi
fi

printf '\n'
if [[ $worst -eq 0 ]]; then
  echo "✓ SESSION VALID: $session"
elif [[ $worst -eq 3 ]]; then
  echo "? SESSION INCONCLUSIVE: $session ('chaos doctor $session' says what is missing)"
else
  echo "✗ SESSION NOT VALID: $session ('chaos doctor $session' names likely causes)"
fi
exit "$worst"
