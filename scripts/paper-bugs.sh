#!/usr/bin/env bash
# Every historical bug put back into a paper session: scripts/paper-bugs.sh [options of 'chaos paper', such as --seed 2]
# A bug that a fault provokes is put back under that fault, in its own scenario only where the paper session's market does
# not show it; a bug that a condition provokes in its own scenario. Prints one line a bug; exits with 1 where the original
# is not red by its signature, or the good engine is not clean in the same session.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$root/scripts/find_chaos.sh"
chaos="$(chaos_binary "$root")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# paper OPTIONS: sets code, red (names of red checks), open (the other lines of [CHECKS] that are not clean).
paper() {
  code=0
  "$chaos" paper --out "$work" "$@" >"$work/report" 2>"$work/talk" || code=$?
  [[ $code -ne 2 && $code -ne 70 ]] || { cat "$work/talk" >&2; exit "$code"; }
  red="$(sed -n '/^\[CHECKS\]/,$s/^  ✗ FAIL: \([^:]*\): .*/\1/p' "$work/report" | paste -sd, -)"
  open="$(sed -n '/^\[CHECKS\]/,$s/^  ? INCONCLUSIVE: \([^:]*\): .*/\1/p' "$work/report" | paste -sd, -)"
}

wrong=0
count=0
printf '%-16s %-46s %4s  %-9s %-62s %4s  %s\n' bug "provoked by: chaos paper" exit signature "red checks of the original" good "not clean"
while IFS=$'\t' read -r bug signature fault; do
  ways=("--scenario $bug")
  [[ -z "$fault" ]] || ways=("--fault $fault" "--scenario $bug --fault $fault")
  for way in "${ways[@]}"; do
    read -ra options <<<"$way"
    paper "${options[@]}" --revision "$bug=original" "$@"
    is_red=no
    [[ ",$red," != *",$signature,"* ]] || is_red=yes
    [[ $is_red == no ]] || break
  done
  original=$code
  checks="$red"
  paper "${options[@]}" "$@"
  mark=""
  if [[ $is_red == no || ($original -ne 1 && $original -ne 4) || $code -ne 0 ]]; then
    wrong=$((wrong + 1))
    mark="  <- not as expected"
  fi
  count=$((count + 1))
  printf '%-16s %-46s %4s  %-9s %-62s %4s  %s%s\n' "$bug" "$way" "$original" "$is_red" "$checks" "$code" \
    "$(paste -sd' ' - <<<"$red $open")" "$mark"
done < <("$chaos" list --json | awk -F'"' '
  function told() { if (bug != "" && signature != "") print bug "\t" signature "\t" fault; bug = signature = fault = "" }
  /^  "bugs"/ { inside = 1 }
  /^  "checks"/ { told(); inside = 0 }
  !inside { next }
  $2 == "id" { told(); bug = $4 }
  $2 == "signature" { signature = $4 }
  /"provoked_by": \[$/ { next_is_fault = 1; next }
  next_is_fault { fault = $2; next_is_fault = 0 }')

echo
if [[ $count -eq 0 ]]; then
  echo "no bug was listed"
  exit 1
fi
echo "$count bugs, $wrong not as expected"
[[ $wrong -eq 0 ]]
