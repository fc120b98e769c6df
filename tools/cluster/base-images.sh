#!/bin/bash
# Makes the base images of this project without an image registry, from Debian's packages and the Node that npm ships:
# localhost/runtime-base and localhost/build-base (with npm), tagged with Node's version. Prints the tag. Needs `npm ci` and debootstrap.
set -euo pipefail
. "$(dirname "$0")/env.sh"
node=$(dirname "$(readlink -f "$PROJECT"/node_modules/node-linux-*/package.json)")
tag=$(sed -n 's/^ *"version": "\(.*\)".*/\1/p' "$node/package.json")
if ! store images --quiet "localhost/build-base:$tag" > /dev/null 2>&1; then
  mkdir -p "$LOG"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  # shellcheck disable=SC2016 # apt-get's own placeholder
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
  debootstrap --variant=minbase --include=ca-certificates,libstdc++6 bookworm "$work/rootfs" "$mirror" > "$LOG/debootstrap.log" 2>&1
  mkdir -p "$work/rootfs/nodejs/bin"
  cp "$node/bin/node" "$work/rootfs/nodejs/bin/node"
  commit() { # BASE FOLDER IMAGE
    local container
    container=$(store from "$1")
    store add --quiet "$container" "$2" / > /dev/null
    store commit --quiet --rm "$container" "$3" > /dev/null
  }
  commit scratch "$work/rootfs" "localhost/runtime-base:$tag"
  mkdir -p "$work/npm/usr/local/bin" "$work/npm/usr/local/lib"
  npm install --silent --no-save --prefix "$work/npm/usr/local/lib" npm@11 > /dev/null 2>&1
  ln -s /nodejs/bin/node "$work/npm/usr/local/bin/node"
  for name in npm npx; do ln -s "../lib/node_modules/npm/bin/$name-cli.js" "$work/npm/usr/local/bin/$name"; done
  commit "localhost/runtime-base:$tag" "$work/npm" "localhost/build-base:$tag"
fi
echo "$tag"
