#!/usr/bin/env bash
# A kubectl whose cluster is a folder. The real kubectl reads and patches the objects there (`patch --local`); every call is written to
# calls.log.
set -euo pipefail
: "${REAL_KUBECTL:?}" "${CLUSTER_DIR:?}"

args=()
while [ $# -gt 0 ]; do
  case $1 in
    --namespace) shift ;;
    *) args+=("$1") ;;
  esac
  shift
done
set -- "${args[@]}"
echo "$*" >> "$CLUSTER_DIR/calls.log"
case $1 in
  get)
    [ -f "$CLUSTER_DIR/$2.yaml" ] || {
      echo "Error from server (NotFound): $2 \"$3\" not found" >&2
      exit 1
    }
    "$REAL_KUBECTL" patch --local --filename "$CLUSTER_DIR/$2.yaml" --type merge --patch '{}' --output "$5"
    ;;
  patch)
    "$REAL_KUBECTL" patch --local --filename "$CLUSTER_DIR/$2.yaml" --type "$5" --patch-file "$7" --output yaml > "$CLUSTER_DIR/new.yaml"
    "$REAL_KUBECTL" patch --local --filename "$CLUSTER_DIR/$2.yaml" --type merge --patch '{}' --output yaml > "$CLUSTER_DIR/old.yaml"
    if cmp -s "$CLUSTER_DIR/new.yaml" "$CLUSTER_DIR/old.yaml"; then echo "$2/$3 patched (no change)"; else echo "$2/$3 patched"; fi
    mv "$CLUSTER_DIR/new.yaml" "$CLUSTER_DIR/$2.yaml"
    ;;
  create) "$REAL_KUBECTL" "$@" ;;
  apply)
    if [ ! -f "$CLUSTER_DIR/applied.yaml" ]; then
      did=created
    elif cmp -s "$3" "$CLUSTER_DIR/applied.yaml"; then
      did=unchanged
    else
      did=configured
    fi
    cp "$3" "$CLUSTER_DIR/applied.yaml"
    echo "configmap/google-cloud $did"
    ;;
  rollout) exit "${ROLLOUT_EXIT:-0}" ;;
  *)
    echo "not supported here: $1" >&2
    exit 1
    ;;
esac
