# shellcheck shell=bash
# Settings that all scripts here share. Source it to point kubectl, ctr and KUBECONFIG at the cluster.
CLUSTER_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PROJECT=$(cd "$CLUSTER_HOME/../.." && pwd)
export CLUSTER_HOME PROJECT
export BIN=${CLUSTER_BIN:-/opt/cluster/bin} # what is built
export STATE=/var/lib/cluster               # etcd, containerd, kubelet, certificates, images
export RUN=/run/cluster                     # sockets and pid files
export LOG=${CLUSTER_LOG:-/var/log/cluster}
export NODE=node-1 NODE_IP=10.90.0.1
export POD_CIDR=10.244.0.0/24 SERVICE_CIDR=10.96.0.0/16 API_IP=10.96.0.1 DNS_IP=10.96.0.10
export KUBECONFIG=$STATE/admin.kubeconfig
export CONTAINERD_ADDRESS=$RUN/containerd.sock CONTAINERD_NAMESPACE=k8s.io
# Where buildah keeps images; a caller may have a store of its own.
export IMAGE_ROOT=${IMAGE_ROOT:-$STATE/buildah} IMAGE_RUNROOT=${IMAGE_RUNROOT:-$RUN/buildah}
case :$PATH: in *:$BIN:*) ;; *) export PATH=$BIN:$PATH ;; esac

# False for a process that has ended but has not been reaped.
alive() { [ -n "$(readlink "/proc/$1/exe")" ]; }

store() {
  local command=$1
  shift
  buildah --root "$IMAGE_ROOT" --runroot "$IMAGE_RUNROOT" "$command" "$@"
}
