#!/bin/bash
# Makes the base images of this project without an image registry, from Debian's packages and the Node that npm ships:
# localhost/runtime-base, tagged with Node's version, and localhost/build-base (with npm). Prints the tag. base-images.sh ARCHITECTURE, such
# as arm64, makes the runtime base of another architecture, tagged VERSION-ARCHITECTURE; that needs an emulator that the kernel knows
# (qemu-user-static and binfmt-support). Needs `npm ci` and debootstrap.
set -euo pipefail
. "$(dirname "$0")/env.sh"
own=$(dpkg --print-architecture)
architecture=${1:-$own}
node=$(dirname "$(readlink -f "$PROJECT"/node_modules/node-linux-*/package.json)")
version=$(sed -n 's/^ *"version": "\(.*\)".*/\1/p' "$node/package.json")
tag=$version
[ "$architecture" = "$own" ] || tag=$version-$architecture
has() { store images --quiet "$1" > /dev/null 2>&1; }
commit() { # BASE FOLDER IMAGE ARCHITECTURE
  local container
  container=$(store from "$1")
  store add --quiet "$container" "$2" / > /dev/null
  store config --arch "$4" "$container"
  store commit --quiet --rm "$container" "$3" > /dev/null
}
mkdir -p "$LOG"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! has "localhost/runtime-base:$tag"; then
  # shellcheck disable=SC2016 # apt-get's own placeholder
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
  debootstrap --arch="$architecture" --variant=minbase --include=ca-certificates,libstdc++6 bookworm "$work/rootfs" "$mirror" \
    > "$LOG/debootstrap.log" 2>&1 || { tail -n 20 "$LOG/debootstrap.log" >&2; exit 1; }
  if [ "$architecture" != "$own" ]; then
    npm pack --silent --pack-destination "$work" "node-linux-${architecture/amd64/x64}@$version" > /dev/null
    tar --extract --gzip --file "$work"/node-linux-*.tgz --directory "$work"
    node=$work/package
  fi
  mkdir -p "$work/rootfs/nodejs/bin"
  cp "$node/bin/node" "$work/rootfs/nodejs/bin/node"
  commit scratch "$work/rootfs" "localhost/runtime-base:$tag" "$architecture"
fi
if [ "$architecture" = "$own" ] && ! has "localhost/build-base:$tag"; then
  mkdir -p "$work/npm/usr/local/bin" "$work/npm/usr/local/lib"
  npm install --silent --no-save --prefix "$work/npm/usr/local/lib" npm@11 > /dev/null 2>&1
  ln -s /nodejs/bin/node "$work/npm/usr/local/bin/node"
  for name in npm npx; do ln -s "../lib/node_modules/npm/bin/$name-cli.js" "$work/npm/usr/local/bin/$name"; done
  commit "localhost/runtime-base:$tag" "$work/npm" "localhost/build-base:$tag" "$architecture"
fi
echo "$tag"
