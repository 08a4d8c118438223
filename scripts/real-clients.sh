#!/usr/bin/env bash
# Drives real clients of Binance spot against `chaos serve`: market data, every order type, streams, faults.
# usage: scripts/real-clients.sh [ccxt] [python-binance] [binance-sdk] [freqtrade]   default: all of them
# Clients are installed from PyPI into virtual environments below $REAL_CLIENTS_HOME (default: a temporary folder).
# exit codes: 0 all passed; 1 one failed; 3 PyPI cannot be reached. CHAOS=/path/to/chaos names the program.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$root/scripts/find_chaos.sh"

clients=("$@")
[[ ${#clients[@]} -gt 0 ]] || clients=(ccxt python-binance binance-sdk freqtrade)
declare -A packages=(
  [ccxt]="ccxt" [python-binance]="python-binance" [binance-sdk]="binance-sdk-spot" [freqtrade]="freqtrade"
)
for client in "${clients[@]}"; do
  [[ -n "${packages[$client]:-}" ]] || { printf 'real-clients: no client is called %s\n' "$client" >&2; exit 2; }
done

work="$(mktemp -d)"
home="${REAL_CLIENTS_HOME:-$work/environments}"
server=""
finish() {
  [[ -z "$server" ]] || { kill -INT "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
  rm -rf "$work"
}
trap finish EXIT
CHAOS="$(chaos_binary "$root")"

# environment CLIENT: the interpreter of its virtual environment, made where it is missing.
environment() {
  local folder="$home/$1"
  if [[ ! -x "$folder/bin/python" ]]; then
    python3 -m venv "$folder" >&2
    "$folder/bin/pip" install --quiet --disable-pip-version-check ${packages[$1]} >&2 || { rm -rf "$folder"; return 1; }
  fi
  printf '%s\n' "$folder/bin/python"
}

# serve: an exchange of its own for one client; its address and keys go into the environment.
serve() {
  : >"$work/serve.json"
  "$CHAOS" serve --listen 127.0.0.1:0 --json --no-limits --symbols BTCUSDT,ETHUSDT,SOLUSDT --out "$work/runs" \
    >"$work/serve.json" 2>"$work/serve.log" &
  server=$!
  for _ in $(seq 100); do
    [[ -s "$work/serve.json" ]] && break
    sleep 0.1
  done
  eval "$(python3 - "$work/serve.json" <<'PYTHON'
import json, shlex, sys
line = json.loads(open(sys.argv[1]).readline())
for name, key in (("HTTP", "http"), ("WS", "ws"), ("API_KEY", "key"), ("API_SECRET", "secret")):
    print(f"export CHAOS_{name}={shlex.quote(line[key])}")
PYTHON
  )"
}

failed=0
for client in "${clients[@]}"; do
  python="$(environment "$client")" || { printf 'real-clients: %s cannot be installed: is PyPI reachable?\n' "$client" >&2; exit 3; }
  serve
  if timeout 300 "$python" "$root/scripts/real-clients/${client//-/_}_drive.py"; then
    printf 'passed  %s %s\n' "$client" "$("$home/$client/bin/pip" show ${packages[$client]} 2>/dev/null | sed -n 's/^Version: //p')"
  else
    printf 'FAILED  %s\n' "$client"
    failed=1
  fi
  kill -INT "$server"
  wait "$server" || { printf 'FAILED  the exchange ended with %s\n' "$?"; failed=1; }
  server=""
done
exit $failed
