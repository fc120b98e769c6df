#!/bin/bash
# Builds images of this project from their Dockerfiles and loads them into the cluster: project-images.sh [FOLDER…], by default every
# folder of apps and libs with a Dockerfile. Each image is loaded as NAME:latest and as NAME:TAG, with a tag made from its content; the
# latter is printed; it also has the name NAME@DIGEST. Prometheus is loaded under the name in the manifests. Needs `npm ci`, and the cluster to be up.
set -euo pipefail
. "$(dirname "$0")/env.sh"
cd "$PROJECT"
[ $# -gt 0 ] || for file in {apps,libs}/*/Dockerfile; do set -- "$@" "$(dirname "$file")"; done
for folder in "$@"; do
  [ -f "$folder/Dockerfile" ] || { echo "project-images.sh: \"$folder\" has no Dockerfile; such as apps/flask-app" >&2; exit 2; }
done
mkdir -p "$LOG"

prometheus=$(sed -n 's/.*image: \(.*prometheus\/prometheus:.*\)/\1/p' deploy/base/monitoring/deployment.yaml)
"$CLUSTER_HOME/image.sh" "$(node tools/peers/src/main.ts prometheus)" "$prometheus" > /dev/null

base=$("$CLUSTER_HOME/base-images.sh")
# The package registry may be reachable only with this machine's certificates and hosts.
certificates=/etc/ssl/certs/ca-certificates.crt npmrc=$STATE/npmrc
echo "cafile=$certificates" > "$npmrc"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for folder in "$@"; do
  name=$(basename "$folder") log=$LOG/image-$(basename "$folder").log
  store build --layers --isolation chroot --file "$folder/Dockerfile" --tag "$name" --iidfile "$work/id" \
    --build-arg "BUILD_IMAGE=localhost/build-base:$base" --build-arg "RUNTIME_IMAGE=localhost/runtime-base:$base" \
    --volume "$npmrc:/root/.npmrc:ro" --volume "$certificates:$certificates:ro" --volume /etc/hosts:/etc/hosts:ro . > "$log" 2>&1 || {
    tail -n 20 "$log" >&2
    exit 1
  }
  tag=$(sed 's/^sha256://' "$work/id" | cut -c 1-12)
  reference=docker.io/library/$name:$tag
  if ! ctr images ls -q | grep -qx "$reference"; then
    store push --quiet "$name" "oci-archive:$work/$name.tar:$reference"
    ctr images import "$work/$name.tar" > /dev/null
  fi
  digest=$(ctr images ls "name==$reference" | awk 'NR == 2 { print $3 }')
  for alias in "docker.io/library/$name:latest" "docker.io/library/$name@$digest"; do
    ctr images tag --force "$reference" "$alias" > /dev/null
  done
  rm -f "$work/$name.tar"
  echo "$name:$tag"
done
