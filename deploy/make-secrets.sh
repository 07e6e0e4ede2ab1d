#!/usr/bin/env bash
# Writes the passwords that docker-compose.yml hands to its containers into deploy/secrets, at random and once: a file
# that is there stays as it is. The folder is the owner's alone; the files in it are readable by all, because a container's
# user, who is somebody else on this machine, sees them without the folder.
set -euo pipefail
cd "$(dirname "$0")"
umask 022
mkdir -p secrets
chmod 700 secrets

secret() { # secret NAME CONTENT
  # Where a file was missing, Docker may have left an empty folder of its name.
  [ ! -d "secrets/$1" ] || rmdir "secrets/$1"
  [ ! -e "secrets/$1" ] || return 0
  printf '%s\n' "$2" >"secrets/$1.new"
  mv "secrets/$1.new" "secrets/$1"
  echo "wrote deploy/secrets/$1"
}

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

for role in owner datasets trainer evaluator compressor inference governance; do
  secret "registry-$role" "$(random)"
done
secret bus "$(random)"
secret rabbitmq.conf "default_user = mlops
default_pass = $(<secrets/bus)"
