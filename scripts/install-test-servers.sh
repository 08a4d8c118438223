#!/usr/bin/env bash
# Installs the Debian packages of the servers that the tests run beside live sessions. Without them those tests skip.
set -euo pipefail

command -v apt-get >/dev/null || { echo "install-test-servers: there is no apt-get here; the tests that need servers skip" >&2; exit 0; }
[[ $(id -u) -eq 0 ]] || { echo "install-test-servers: run it as root" >&2; exit 2; }

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
failed=0
for package in prometheus netcat-openbsd curl jq collectd-core; do
  if apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1; then
    echo "installed: $package"
  else
    echo "cannot be installed: $package" >&2
    failed=1
  fi
done
exit "$failed"
