#!/usr/bin/env bash
# Installs what is missing, builds, checks the format and runs every test against a real PostgreSQL and RabbitMQ:
# given ones (MLOPS_TEST_POSTGRES, MLOPS_TEST_RABBITMQ), else Docker's, else private servers from Debian's packages.
# The S3 server is a given one (MLOPS_TEST_S3), else a private OpenStack Swift from Debian's packages, else its tests are skipped.
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

need() { # need COMMAND-OR-FILE PACKAGE...
  [ -e "$1" ] || command -v "$1" >/dev/null && return
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "missing $1: install it, start Docker, or give a server by MLOPS_TEST_POSTGRES and MLOPS_TEST_RABBITMQ" >&2
    exit 1
  fi
  [ -n "${updated:-}" ] || apt-get update -qq
  updated=yes
  DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${@:2}" >/dev/null || exit 1
}

docker_has() { # docker_has IMAGE: it is there, or can be pulled
  command -v docker >/dev/null && { docker image inspect "$1" || docker pull "$1"; } >/dev/null 2>&1
}

[ -n "${MLOPS_TEST_POSTGRES:-}" ] || docker_has "${POSTGRES_IMAGE:-postgres:17}" || need /usr/lib/postgresql postgresql-15
[ -n "${MLOPS_TEST_RABBITMQ:-}" ] || docker_has "${RABBITMQ_IMAGE:-rabbitmq:4-management}" || need /usr/lib/rabbitmq/bin/rabbitmq-server rabbitmq-server
# LightGBM's library wants GCC's OpenMP.
ldconfig -p 2>/dev/null | grep -q libgomp.so.1 || need libgomp.so.1 libgomp1
if [ -z "${MLOPS_TEST_S3:-}" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  need /usr/bin/swift-proxy-server swift-proxy swift-account swift-container swift-object
fi

dotnet build Mlops.sln -c Release --nologo -v quiet || exit 1
# Beside the tests, most of which wait for servers.
dotnet format Mlops.sln --verify-no-changes --no-restore &
format=$!

passed=0 failed=0 skipped=0 status=0 failures=""
for project in UnitTests GpuTests ServiceTests EndToEndTests; do
  echo "== $project"
  log=$(mktemp)
  # libtorch says with every convolution that one of its libraries is not for this processor.
  dotnet "tests/$project/bin/Release/net10.0/Mlops.$project.dll" -noLogo -noColor 2>&1 | grep --line-buffered -vF NNPACK.cpp | tee "$log"
  ended=${PIPESTATUS[0]}
  summary=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1)
  failures+=$(grep -A 9 -F '[FAIL]' "$log" | sed '1s/^/\n/')
  rm -f "$log"
  if [[ $summary =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+) ]]; then
    f=$((BASH_REMATCH[2] + BASH_REMATCH[3])) s=${BASH_REMATCH[4]}
    passed=$((passed + BASH_REMATCH[1] - BASH_REMATCH[3] - s)) failed=$((failed + f)) skipped=$((skipped + s))
  else
    failed=$((failed + 1))
  fi
  [ "$ended" = 0 ] || status=1
done

wait "$format" || { echo "dotnet format finds what it would change" >&2; status=1; }
[ -z "$failures" ] || echo "== What failed$failures"
[ "$failed" = 0 ] || status=1
[ "$passed" -gt 0 ] || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
