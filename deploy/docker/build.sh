#!/usr/bin/env bash
# Builds one of the images from what `npm run setup` has built here. Nothing
# is fetched from a network.
#
#   deploy/docker/build.sh TARGET [FLAG OF docker build...]
#
#   deploy/docker/build.sh worker -t muster-worker:local \
#     --build-arg BASE_IMAGE=muster-base:local
#
# TARGET is parameter-server, worker or muster. DOCKER names another command
# than `docker`.
set -euo pipefail

target=${1:?usage: build.sh parameter-server|worker|muster [FLAG...]}
shift
case $target in
  parameter-server) parts=(parameter-server) ;;
  worker) parts=(parameter-server worker) ;;
  muster) parts=(parameter-server worker muster) ;;
  *)
    echo "build.sh: no target '$target'" >&2
    exit 2
    ;;
esac

root=$(cd "$(dirname "$0")/../.." && pwd)
# beside what is packed, so that links will do
mkdir -p "$root/node_modules/.cache"
context=$(mktemp -d "$root/node_modules/.cache/image-XXXXXX")
trap 'rm -rf "$context"' EXIT

node "$root/deploy/docker/pack.mjs" "$context/packed" "${parts[@]}"
mkdir -p "$context/deploy/docker"
cp "$root"/deploy/docker/{Dockerfile,muster-health} "$context/deploy/docker/"
tar -C "$context" -c . |
  "${DOCKER:-docker}" build -f deploy/docker/Dockerfile --target "$target" "$@" -
