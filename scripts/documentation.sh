#!/usr/bin/env bash
# Keeps the samples of output in README.md and the articles true.
# usage: scripts/documentation.sh [--check] [--quick]   write the samples again; --check: compare, exit 1 where one differs
#        scripts/documentation.sh --run                 run every documented command that takes under 10 s
# A sample is a code block below a line "<!-- sample -->" or "<!-- sample: quick -->": lines that begin with "$ " are commands,
# the lines below each are what it prints on stdout. --quick leaves the samples out that are not marked so. The commands of
# one page run in a directory of its own, in which faults/ and scripts/ are those of the project.
# CHAOS=/path/to/chaos in the environment names the program; without, the release binary is built where it is too old.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$root/scripts/find_chaos.sh"

check=no
quick=no
run=no
for word in "$@"; do
  case "$word" in
    --check) check=yes ;;
    --quick) quick=yes ;;
    --run) run=yes ;;
    *) printf 'documentation: unexpected argument %s\n' "$word" >&2; exit 2 ;;
  esac
done

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
CHAOS="$(chaos_binary "$root")"
export CHAOS
mkdir "$work/bin"
ln -s "$CHAOS" "$work/bin/chaos"
export PATH="$work/bin:$PATH" NO_COLOR=1
mapfile -t pages < <(printf '%s\n' "$root/README.md"; find "$root/Sources" -path '*.docc/*.md' | sort)

# enter NAME: an empty directory in which the commands of a page run.
enter() {
  mkdir -p "$work/$1"
  cd "$work/$1"
  ln -sfn "$root/faults" faults
  ln -sfn "$root/scripts" scripts
}

# What differs from run to run or build to build is written as one value: the moment in a directory's name, the commit.
# Lines of source code move with every edit above them; they are written as they are, and not compared.
unnumbered() { sed -E 's/\.swift:[0-9]+/.swift:(line)/g' "$1"; }
steady() { sed -E 's/_[0-9]{8}_[0-9]{6}/_20250101_000000/g; s/^# build: .*/# build: (commit)/; s/ +$//'; }

# samples PAGE: the page with the output of its samples as it is now.
samples() {
  local line isSample=no isIn=no command
  while IFS= read -r line || [[ -n "$line" ]]; do
    if [[ $isIn == yes ]]; then
      if [[ "$line" == '```' ]]; then
        isIn=no
        printf '%s\n' "$line"
      elif [[ "$line" == '$ '* ]]; then
        printf '%s\n' "$line"
        command="${line#\$ }"
        bash -c "$command" </dev/null 2>"$work/talk" | steady
      fi
      continue
    fi
    printf '%s\n' "$line"
    if [[ "$line" == '<!-- sample: quick -->' || ("$line" == '<!-- sample -->' && $quick == no) ]]; then
      isSample=yes
    elif [[ $isSample == yes && "$line" == '```'* ]]; then
      isSample=no
      isIn=yes
    fi
  done <"$1"
}

rewrite() {
  local page name wrong=0
  for page in "${pages[@]}"; do
    grep -q '^<!-- sample' "$page" || continue
    name="$(basename "$page" .md)"
    enter "$name"
    # A command may end with any exit code: what it prints is what counts.
    set +e
    samples "$page" >"$work/$name.new"
    set -e
    cd "$root"
    if [[ $check == no ]]; then
      cat "$work/$name.new" >"$page"
    elif ! diff -u --label "${page#"$root"/}" --label "as it is printed now" \
      <(unnumbered "$page") <(unnumbered "$work/$name.new"); then
      wrong=1
    fi
  done
  if [[ $wrong -ne 0 ]]; then
    echo "documentation: samples differ; scripts/documentation.sh writes them again" >&2
    exit 1
  fi
}

# Every command in a code span or a code block that begins with chaos, as it is typed; verbs alone, and
# those with words in their place (DIR, ID, ...), are no commands.
commands() {
  awk '
    function take(text) {
      sub(/^\$ /, "", text); sub(/^swift run -c release /, "", text); sub(/^\.build\/release\//, "", text)
      sub(/ +#.*$/, "", text)
      if (text !~ /^chaos [a-z]/ || text ~ /\.\.\.|\\$|\$\{/) return
      if (text ~ /^chaos (check|doctor|merge|replay|run|show|shrink|symbolize)$/) return
      if (text ~ /(^|[ =\/])(VERB|DIR|PATH|ID|FILE|TEXT|BUG|NAME|SITE|N)([ =.\[]|$)/ || text ~ /<[a-z]+>/) return
      if (!(text in seen)) print text
      seen[text] = 1
    }
    /^```/ { code = !code; next }
    code { line = $0; sub(/^ +/, "", line); take(line); next }
    { count = split($0, spans, "`"); for (i = 2; i <= count; i += 2) take(spans[i]) }
  ' "${pages[@]}"
}

# Longer than 10 s, or for ever; the nightly gauntlet, the benches and the tests of live sessions run these.
isLong() {
  case "$1" in
    "chaos bench"*|"chaos gauntlet"*|"chaos merge"*|"chaos symbolize"*|*--live*|*--jobs*|*--market*) return 0 ;;
    "chaos run --fault insufficient-balance"|"chaos run --fault late-acks.toml"|*--coverage*|*"--carrier threads"*) return 0 ;;
  esac
  return 1
}

runAll() {
  local command code wrong=0 count=0 failing session
  enter run
  chaos paper --revision 9.1=original >/dev/null 2>&1 || true
  chaos run --fault deadlock --revision original >/dev/null 2>&1 || true
  failing="$(readlink -f runs/latest)"
  session="$(readlink -f sessions/latest)"
  while IFS= read -r command; do
    if isLong "$command"; then continue; fi
    ln -sfn "$failing" runs/latest
    ln -sfn "$session" sessions/latest
    code=0
    timeout 120 bash -c "$command" >"$work/out" 2>&1 </dev/null || code=$?
    count=$((count + 1))
    case $code in
      0|1|3|4) printf 'ok    %3d  %s\n' "$code" "$command" ;;
      *) printf 'WRONG %3d  %s\n' "$code" "$command"; cat "$work/out"; wrong=1 ;;
    esac
  done < <(commands)
  echo "$count commands ran"
  [[ $wrong -eq 0 && $count -gt 20 ]]
}

if [[ $run == yes ]]; then runAll; else rewrite; fi
