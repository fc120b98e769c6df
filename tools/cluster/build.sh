#!/bin/bash
# Builds Kubernetes and what a cluster needs besides into $BIN, from Go modules: build.sh [pause|kubernetes|addons|operator]…
set -euo pipefail
. "$(dirname "$0")/env.sh"
mkdir -p "$BIN"
export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:-} -buildvcs=false"
version=$(sed -n 's|^require k8s.io/kubernetes \(v.*\)|\1|p' "$CLUSTER_HOME/mod/kubernetes/go.mod")
IFS=. read -r major minor _ <<< "${version#v}"
flags="-s -w"
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  flags+=" -X $package.gitVersion=$version -X $package.gitMajor=$major -X $package.gitMinor=$minor"
  flags+=" -X $package.gitTreeState=clean -X $package.buildDate=1970-01-01T00:00:00Z"
done
build() { (cd "$CLUSTER_HOME/mod/$1" && shift && go build -trimpath -ldflags "$flags" -o "$BIN/" "$@"); }
[ $# -gt 0 ] || set -- pause kubernetes addons
for part in "$@"; do
  case $part in
    pause) build pause . ;;
    kubernetes) build kubernetes k8s.io/kubernetes/cmd/{kube-apiserver,kube-controller-manager,kube-scheduler,kubelet,kube-proxy,kubectl} ;;
    addons) build addons ./coredns ./netpol sigs.k8s.io/metrics-server/cmd/metrics-server ;;
    operator)
      module=github.com/prometheus-operator/prometheus-operator
      build operator $module/cmd/operator $module/cmd/prometheus-config-reloader
      ;;
    *) echo "build.sh: \"$part\" must be pause, kubernetes, addons or operator" >&2 && exit 2 ;;
  esac
done
