#!/usr/bin/env bash
# Brings docker-compose.yml up as a project of its own, mlops-verify, with volumes of its own, and checks what it promises:
# health, hardening, secrets, a pipeline from the API to a prediction, a trainer killed at work, replicas, and that nothing
# is lost over down and up. Removes everything it made; with --keep it leaves the containers running.
# Needs Docker, docker compose (or docker-compose 1.29), curl with HTTP/2, and the ports 5101, 5105, 5106 and 5115.
set -eu
cd "$(dirname "$0")/.."

datasets=http://127.0.0.1:5101 governance=http://127.0.0.1:5106 inference=http://127.0.0.1:5115
services="datasets trainer evaluator compressor inference governance"
keep= scratch=$(mktemp -d)
[ "${1:-}" != --keep ] || keep=yes

compose() {
  if docker compose version >/dev/null 2>&1; then docker compose -p mlops-verify "$@"; else docker-compose -p mlops-verify "$@"; fi
}

end() {
  local status=$?
  [ "$status" = 0 ] || compose logs --tail=20 2>&1 | cut -c1-300 || true
  [ -n "$keep" ] || compose down -v >/dev/null 2>&1 || true
  rm -rf "$scratch"
  if [ "$status" = 0 ]; then echo "verify: everything holds ($SECONDS s)"; else echo "verify: FAILED ($SECONDS s)"; fi
}
trap end EXIT

holds() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
fails() { printf '%4d s  FAILED: %s\n' "$SECONDS" "$*" >&2; exit 1; }

wait_for() { # wait_for SECONDS WHAT COMMAND…
  local last=$((SECONDS + $1)) what=$2; shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$last" ] || fails "$what did not happen in time"
    sleep 1
  done
}

are_healthy() { # are_healthy COUNT SERVICE
  [ "$(compose ps -q "$2" | xargs -r docker inspect -f '{{.State.Health.Status}}' | grep -c '^healthy$')" = "$1" ]
}

all_healthy() {
  for service in postgres rabbitmq $services; do
    wait_for 120 "health of $service" are_healthy 1 "$service"
  done
}

first() { grep -o "\"$1\":[^,}]*" | sed -n 1p | cut -d: -f2- | tr -d '"'; } # first FIELD <JSON: the value where it comes first

register() { # register NAME SPEC: the run
  local answer
  answer=$(curl -sS --fail-with-body -m 60 -F "spec=$2" -F file=@services/Standalone/Samples/iris.csv "$datasets/datasets/$1/versions") ||
    fails "registering $1: $answer"
  first pipelineRunId <<<"$answer"
}

ends_served() { # ends_served RUN: what is told while it goes on ends by itself
  local state
  state=$(curl -sSN -m 400 "$governance/runs/$1/events" | grep '^data:' | tail -n 1 | first state)
  [ "$state" = served ] || fails "run $1 is '$state' and not served: $(curl -sS -m 30 "$governance/runs/$1" | first reason)"
}

worker_of() { curl -sS -m 30 "$governance/runs/$1" | grep -o '"kind":"train-model"[^}]*' | first worker; } # trainer/CONTAINER-PID

is_training() { [ -n "$(worker_of "$1")" ]; }

# A request of the Open Inference Protocol as it is on the wire: 46 bytes that ask model iris about one row of four floats.
predict() { # predict: the answer's digest, if it says setosa
  printf '\0\0\0\0\056\012\004iris\052\024\012\010features\022\004FP32\032\002\001\004\072\020' >"$scratch/request"
  printf '\063\063\243\100\000\000\140\100\063\063\263\077\315\314\114\076' >>"$scratch/request" # 5.1 3.5 1.4 0.2
  curl -sS -m 30 --http2-prior-knowledge -H 'Content-Type: application/grpc' -H 'TE: trailers' --data-binary "@$scratch/request" \
    -o "$scratch/answer" "$inference/inference.GRPCInferenceService/ModelInfer"
  grep -aq setosa "$scratch/answer" || fails "the prediction does not say setosa: $(tr -cd '[:print:]' <"$scratch/answer")"
  grep -aoE '[0-9a-f]{64}' "$scratch/answer" | sed -n 1p
}

audit_holds() { # audit_holds: how many entries
  local check
  check=$(curl -sS -m 60 "$governance/audit/verify")
  [ "$(first holds <<<"$check")" = true ] || fails "the audit log does not hold: $check"
  first entries <<<"$check"
}

# 1. Everything comes up.
bash deploy/make-secrets.sh
compose up -d >"$scratch/up" 2>&1 || { cat "$scratch/up"; fails "compose up"; }
all_healthy
holds "postgres, rabbitmq and six services are healthy; the migrate job said: $(compose logs --no-color migrate | tail -n 1 | sed 's/.*| *//')"

# 2. What the containers may do, and what their descriptions give away.
for service in $services; do
  container=$(compose ps -q "$service")
  [ "$(docker inspect -f '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}' "$container")" = 'true [ALL]' ] || fails "$service may write its image or has capabilities"
  [ "$(docker exec "$container" id -u)" != 0 ] || fails "$service is root"
  torch=$(docker exec "$container" find / -xdev \( -iname 'libtorch*' -o -iname 'lib_lightgbm*' \) 2>/dev/null | wc -l)
  [ "$service" = trainer ] && expected=some || expected=none
  [ "$([ "$torch" = 0 ] && echo none || echo some)" = "$expected" ] || fails "$service has $torch files of libtorch and LightGBM; there should be $expected"
done
holds "no service is root, can write its image or has a capability; only the trainer carries libtorch and LightGBM"
compose ps -q | xargs docker inspect >"$scratch/inspected"
tail -qn 1 deploy/secrets/* | sed 's/.* = //' >"$scratch/passwords"
! grep -qFf "$scratch/passwords" "$scratch/inspected" || fails "a password is in a container's description"
! grep -o '"HostIp": "[^"]*"' "$scratch/inspected" | grep -qv '127\.0\.0\.1' || fails "a port is published to more than this machine"
holds "no password is in a container's description; every port is published on 127.0.0.1 alone"

# 3. From a file to a prediction, and back.
run=$(register iris '{"task":"classification","target":"class","evaluation":{"gates":[{"metric":"accuracy","min":0.8}]}}')
ends_served "$run"
digest=$(predict)
holds "iris, registered through the API, is served over gRPC by model $digest"
file=$(sha256sum services/Standalone/Samples/iris.csv | cut -d' ' -f1)
curl -sS -m 30 "$governance/lineage/by-digest/$digest" | grep -q "$file" || fails "the prediction does not lead back to its data"
holds "the prediction leads back to the bytes that were registered, $file"

# 4. Three trainers, of which the one at work is killed.
compose up -d --scale trainer=3 >/dev/null 2>&1
wait_for 120 "health of three trainers" are_healthy 3 trainer
holds "three trainers are healthy"
long='{"task":"classification","target":"class","training":{"epochs":EPOCHS,"earlyStopping":null}}'
run=$(register killed "${long/EPOCHS/10000}")
wait_for 60 "the training's begin" is_training "$run"
sleep 5
victim=$(worker_of "$run")
id=${victim#*/}
docker kill "${id%-*}" >/dev/null
holds "killed the trainer at work, $victim"
ends_served "$run"
[ "$(worker_of "$run")" != "$victim" ] || fails "the training was over before its trainer was killed"
holds "its run ended served, by $(worker_of "$run")"

# 5. Down in the middle of a training, and up again.
entries=$(audit_holds)
run=$(register interrupted "${long/EPOCHS/10000}")
wait_for 60 "the training's begin" is_training "$run"
before=$(worker_of "$run")
compose down >/dev/null 2>&1
holds "down, while $before was training; the audit log held, with $entries entries"
compose up -d >/dev/null 2>&1
all_healthy
[ "$(predict)" = "$digest" ] || fails "another model answers than before"
ends_served "$run"
[ "$(worker_of "$run")" != "$before" ] || fails "the training was over before everything went down"
holds "up again: iris is answered by the same model, and the interrupted run ended served, by $(worker_of "$run")"
after=$(audit_holds)
[ "$after" -gt "$entries" ] || fails "the audit log has lost entries: $after after $entries"
[ "$(curl -sS -m 30 "$governance/dead-letters" | grep -c '"id"')" = 0 ] || fails "there are dead letters"
holds "the audit log holds, with $after entries; there are no dead letters"
