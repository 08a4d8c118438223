# Sourced by the scripts beside it: `chaos_binary ROOT` prints the absolute path of a release binary that is as new as the sources,
# and builds it where it is absent or older. CHAOS=/path/to/chaos in the environment names another one.
chaos_binary() {
  local root="$1" binary="$1/.build/release/chaos"
  if [[ -n "${CHAOS:-}" ]]; then
    [[ -x "$CHAOS" ]] || { printf 'CHAOS=%s is not a program\n' "$CHAOS" >&2; return 2; }
    realpath "$CHAOS"
    return
  fi
  if [[ ! -x "$binary" ]] || [[ -n "$(find -L "$root/Sources" "$root/Package.swift" -newer "$binary" -type f -print -quit)" ]]; then
    echo "building chaos (release)" >&2
    (cd "$root" && swift build -c release --product chaos >&2) || return 2
  fi
  printf '%s\n' "$binary"
}
