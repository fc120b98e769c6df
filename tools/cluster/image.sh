#!/bin/bash
# Makes an image of one static program, in /bin, loads it into containerd and prints its name: image.sh PROGRAM [REFERENCE]. The default
# name is localhost/NAME with a tag made from the program's content.
set -euo pipefail
. "$(dirname "$0")/env.sh"
program=$1 name=$(basename "$1")
reference=${2:-localhost/$name:$(sha256sum "$program" | cut -c 1-12)}
if ! ctr images ls -q | grep -qx "$reference"; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  mkdir -p "$folder/root/tmp" "$folder/root/etc/ssl" "$folder/root/bin"
  chmod 1777 "$folder/root/tmp"
  cp "$program" "$folder/root/bin/$name"
  container=$(store from scratch)
  store add --quiet "$container" "$folder/root" / > /dev/null
  store config --entrypoint "[\"/bin/$name\"]" "$container"
  store commit --quiet --rm "$container" "$reference" > /dev/null
  store push --quiet "$reference" "oci-archive:$folder/image.tar:$reference"
  ctr images import "$folder/image.tar" > /dev/null
fi
echo "$reference"
