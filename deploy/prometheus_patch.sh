#!/usr/bin/env bash
# Adds a sidecar to a Prometheus (deployment/prometheus-k8s) that runs without one. A second run changes only what differs.
set -euo pipefail

usage() {
  cat <<'END'
Usage: prometheus_patch.sh [--sidecar ours|stackdriver] [--dry-run] [--timeout DURATION]

Adds the sidecar's container and volume to deployment/prometheus-k8s and, for ours, remote_write to
configmap/prometheus-k8s. Then waits until the new pod is ready.

  --sidecar ours         this repository's prometheus-sidecar, fed by remote_write (default)
  --sidecar stackdriver  Google's stackdriver-prometheus-sidecar, which reads the WAL
  --dry-run              print the changes without making them
  --timeout DURATION     how long to wait for the rollout, such as 90s or 10m (default 10m)
  -h, --help             print this help

Variables, from the environment or from the file .env beside this script (see .env.example):
  GCP_PROJECT GCP_REGION KUBE_CLUSTER KUBE_NAMESPACE SIDECAR_IMAGE_TAG, and SIDECAR_IMAGE if it is in a registry
END
}

fail() {
  local code=$1
  shift
  printf 'prometheus_patch.sh: %s\n' "$@" >&2
  exit "$code"
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sidecar=ours
dry_run=false
timeout=10m
while [ $# -gt 0 ]; do
  case $1 in
    --sidecar)
      [ $# -ge 2 ] || fail 2 '--sidecar needs a value: ours or stackdriver'
      sidecar=$2
      shift
      ;;
    --sidecar=*) sidecar=${1#*=} ;;
    --timeout)
      [ $# -ge 2 ] || fail 2 '--timeout needs a value, such as 90s or 10m'
      timeout=$2
      shift
      ;;
    --timeout=*) timeout=${1#*=} ;;
    --dry-run) dry_run=true ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) fail 2 "unknown option \"$1\"; see --help" ;;
  esac
  shift
done
case $sidecar in
  ours) component=prometheus-sidecar container=prometheus-sidecar other=sidecar ;;
  stackdriver) component=stackdriver-sidecar container=sidecar other=prometheus-sidecar ;;
  *) fail 2 "--sidecar \"$sidecar\": must be ours or stackdriver" ;;
esac
[[ $timeout =~ ^[1-9][0-9]*[smh]$ ]] || fail 2 "--timeout \"$timeout\": must be a duration such as 90s or 10m"

# Variables that the environment lacks come from .env.
env_file=${ENV_FILE:-$here/.env}
for name in GCP_PROJECT GCP_REGION KUBE_CLUSTER KUBE_NAMESPACE SIDECAR_IMAGE_TAG SIDECAR_IMAGE STACKDRIVER_API_ADDRESS; do
  if [ -z "${!name-}" ] && [ -f "$env_file" ]; then
    # shellcheck disable=SC1090 # the user's own file
    printf -v "$name" '%s' "$(. "$env_file" > /dev/null && printf '%s' "${!name-}")"
  fi
done
SIDECAR_IMAGE=${SIDECAR_IMAGE:-$([ "$sidecar" = ours ] && echo prometheus-sidecar ||
  echo gcr.io/stackdriver-prometheus/stackdriver-prometheus-sidecar)}
STACKDRIVER_API_ADDRESS=${STACKDRIVER_API_ADDRESS:-https://monitoring.googleapis.com:443/}

problems=()
check() {
  local name=$1 pattern=$2 allowed=$3
  [[ ${!name-} =~ $pattern ]] || problems+=("$name=\"${!name-}\": must be $allowed")
}
check GCP_PROJECT '^[a-z][a-z0-9-]{4,28}[a-z0-9]$' 'a project id: 6 to 30 of a-z, 0-9 and -'
check GCP_REGION '^[a-z]+-[a-z]+[0-9]+(-[a-z])?$' 'a region or zone, such as us-central1 or us-central1-a'
check KUBE_CLUSTER '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$' "a cluster's name: up to 40 of a-z, 0-9 and -"
check KUBE_NAMESPACE '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' 'a namespace: up to 63 of a-z, 0-9 and -'
check SIDECAR_IMAGE_TAG '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$' "a tag, such as 0.10.2"
check SIDECAR_IMAGE '^([a-z0-9][a-z0-9.-]*(:[0-9]+)?/)?[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$' "an image name without a tag"
check STACKDRIVER_API_ADDRESS '^https?://[A-Za-z0-9._:/?=&-]+$' 'an http or https address'
case $sidecar:${SIDECAR_IMAGE##*/} in
  stackdriver:prometheus-sidecar) problems+=("SIDECAR_IMAGE=\"$SIDECAR_IMAGE\": is the one of --sidecar ours; leave it empty") ;;
  ours:stackdriver-prometheus-sidecar) problems+=("SIDECAR_IMAGE=\"$SIDECAR_IMAGE\": is the one of --sidecar stackdriver; leave it empty") ;;
esac
[ "${SIDECAR_IMAGE_TAG-}" != latest ] || problems+=('SIDECAR_IMAGE_TAG="latest": must be an exact version')
if [ ${#problems[@]} -gt 0 ]; then
  fail 2 "${problems[@]}" "set them in $env_file (cp $here/.env.example $here/.env)"
fi

command -v kubectl > /dev/null || fail 1 'kubectl is not installed: https://kubernetes.io/docs/tasks/tools/'
kube() { kubectl --namespace "$KUBE_NAMESPACE" "$@"; }
containers=$(kube get deployment prometheus-k8s --output \
  'jsonpath={range .spec.template.spec.initContainers[*]}{.name}{"\n"}{end}{range .spec.template.spec.containers[*]}{.name}{"\n"}{end}') ||
  fail 1 "no deployment/prometheus-k8s in the namespace $KUBE_NAMESPACE: is kubectl on the right cluster (kubectl config current-context), and was it deployed?"
if grep -qx "$other" <<< "$containers"; then
  fail 1 "deployment/prometheus-k8s already has the container \"$other\": two writers of one series corrupt it. Remove it first (kubectl edit deployment prometheus-k8s)"
fi
volumes=$(kube get deployment prometheus-k8s --output 'jsonpath={range .spec.template.spec.volumes[*]}{.name}{"\n"}{end}')

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 1. Where the metrics go
kubectl create configmap google-cloud --namespace "$KUBE_NAMESPACE" --dry-run=client --output yaml \
  "--from-literal=GCP_PROJECT=$GCP_PROJECT" "--from-literal=GCP_REGION=$GCP_REGION" \
  "--from-literal=KUBE_CLUSTER=$KUBE_CLUSTER" "--from-literal=STACKDRIVER_API_ADDRESS=$STACKDRIVER_API_ADDRESS" \
  > "$work/google-cloud.yaml"

# 2. The container, and the volume unless it exists. Earlier versions made the sidecar an init container.
sed -E "s|^( *image: ).*|\1$SIDECAR_IMAGE:$SIDECAR_IMAGE_TAG|" "$here/components/$component/container.yaml" > "$work/deployment.yaml"
if [ "$sidecar" = ours ]; then
    # shellcheck disable=SC2016
  printf '      initContainers:\n        - name: prometheus-sidecar\n          $patch: delete\n' >> "$work/deployment.yaml"
fi
if ! grep -qx data <<< "$volumes"; then
  [ "$sidecar" = ours ] || fail 1 'deployment/prometheus-k8s has no volume "data" with the WAL at /data/wal, which this sidecar reads'
  printf '      volumes:\n        - name: data\n          emptyDir: {}\n' >> "$work/deployment.yaml"
fi

# 3. remote_write, between two marks by which a second run finds it
config_changes=false
if [ "$sidecar" = ours ]; then
  begin='# BEGIN prometheus_patch.sh' end='# END prometheus_patch.sh'
  kube get configmap prometheus-k8s --output 'jsonpath={.data.prometheus\.yml}' > "$work/before.yml" ||
    fail 1 "no configmap/prometheus-k8s in the namespace $KUBE_NAMESPACE"
  [ -s "$work/before.yml" ] || fail 1 'configmap/prometheus-k8s has no key prometheus.yml'
  sed "/^$begin\$/,/^$end\$/d" "$work/before.yml" > "$work/rest.yml"
  if grep -q '^remote_write:' "$work/rest.yml"; then
    grep -q '127\.0\.0\.1:9091/api/v1/write' "$work/rest.yml" ||
      fail 1 "prometheus.yml already has a remote_write: add the lines of $here/components/prometheus-sidecar/remote-write.yaml to it, then run this again"
  else
    {
      # $(...) strips the last newline, which a ConfigMap may or may not have.
      printf '%s\n%s\n' "$(cat "$work/rest.yml")" "$begin"
      cat "$here/components/prometheus-sidecar/remote-write.yaml"
      printf '%s\n' "$end"
    } > "$work/after.yml"
    if ! diff -q <(cat "$work/before.yml") <(cat "$work/after.yml") > /dev/null; then
      config_changes=true
      {
        printf 'data:\n  prometheus.yml: |\n'
        sed 's/^\(.\)/    \1/' "$work/after.yml"
      } > "$work/config.yaml"
    fi
  fi
fi

if [ "$dry_run" = true ]; then
  echo "# kubectl --namespace $KUBE_NAMESPACE apply -f -"
  cat "$work/google-cloud.yaml"
  if [ "$config_changes" = true ]; then
    echo '---'
    echo "# kubectl --namespace $KUBE_NAMESPACE patch configmap prometheus-k8s --type merge --patch-file -"
    cat "$work/config.yaml"
  fi
  echo '---'
  echo "# kubectl --namespace $KUBE_NAMESPACE patch deployment prometheus-k8s --type strategic --patch-file -"
  cat "$work/deployment.yaml"
  exit 0
fi

# Its containers read google-cloud only when they start.
restart=$config_changes
applied=$(kubectl apply --filename "$work/google-cloud.yaml")
printf '%s\n' "$applied"
[[ $applied != *configured* ]] || restart=true
if [ "$config_changes" = true ]; then
  kube patch configmap prometheus-k8s --type merge --patch-file "$work/config.yaml"
fi
patched=$(kube patch deployment prometheus-k8s --type strategic --patch-file "$work/deployment.yaml")
printf '%s\n' "$patched"
if [ "$restart" = true ] && [[ $patched == *"no change"* ]]; then
  kube rollout restart deployment prometheus-k8s
fi
echo "waiting up to $timeout for the new pod; Prometheus replays its WAL first"
kube rollout status deployment prometheus-k8s "--timeout=$timeout" ||
  fail 1 "the rollout did not finish in $timeout: kubectl --namespace $KUBE_NAMESPACE describe pod -l app.kubernetes.io/name=prometheus-k8s"
echo "the container $container now runs beside Prometheus; its log: kubectl --namespace $KUBE_NAMESPACE logs deployment/prometheus-k8s -c $container"
