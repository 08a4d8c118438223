#!/usr/bin/env bash
# Tests and a run under a sanitizer: many times as slow as without. What works under which, and why fibers do not, is said in
# Sources/chaos/Documentation.docc/Sanitizers.md.
# usage: scripts/sanitizers.sh [thread|address]    both without a word
# CHAOS_TEST_FILTER narrows the tests to a regular expression of its own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() { printf 'sanitizers: %s\n' "$1" >&2; exit "${2:-1}"; }
step() { printf '\n== %s (%s)\n' "$1" "$(date -u +%H:%M:%S)"; }
# Of a build what is to be known: a failure's last word is not its reason.
said() { grep -E 'error:|^Build' || true; }
lists="$PWD/scripts/sanitizers"
# A crash is the sanitizer's to report.
export SWIFT_BACKTRACE=enable=no

run_thread() {
  step "thread sanitizer: build"
  swift build --build-tests --sanitize thread --scratch-path .build-tsan 2>&1 | said
  step "thread sanitizer: suites on real threads"
  # What wants the stack of a thread that blocks in the kernel, or computes, is left out: the sanitizer holds its signal back.
  TSAN_OPTIONS="suppressions=$lists/thread.txt exitcode=66" \
    swift test --skip-build --sanitize thread --scratch-path .build-tsan \
    --skip 'Symbols name the functions that wait' \
    --filter "${CHAOS_TEST_FILTER:-\.Live[A-Za-z]*Tests/|\.RegistryTests/|\.LateSignalTests/}"
}

run_address() {
  local options="suppressions=$lists/address.txt detect_stack_use_after_return=0 detect_leaks=0 exitcode=66"
  step "address sanitizer: build"
  swift build --build-tests --sanitize address --scratch-path .build-asan 2>&1 | said
  step "address sanitizer: tests, simulated threads on OS threads"
  # StackOverflowTests: the sanitizer reports these faults itself.
  ASAN_OPTIONS="$options" swift test --skip-build --sanitize address --scratch-path .build-asan \
    --filter "${CHAOS_TEST_FILTER:-^ChaosRuntimeTests\.|^WatchdogTests\.|^ExplorationTests\.}" \
    --skip '\.StackOverflowTests/'
  step "address sanitizer: one run on OS threads"
  local code=0
  ASAN_OPTIONS="$options" .build-asan/debug/chaos run --bug 9.1 --revision original --carrier threads --schedules 2 \
    --out .build-asan/runs || code=$?
  [[ $code -eq 1 ]] || die "the run ended with $code; the original fails with 1"
}

case "${1:-both}" in
  thread) run_thread ;;
  address) run_address ;;
  both) run_thread; run_address ;;
  *) die "'$1' is neither thread nor address" 2 ;;
esac
step "done"
