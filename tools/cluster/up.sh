#!/bin/bash
# Starts a Kubernetes cluster of one node on this machine. down.sh ends it.
set -euo pipefail
[ $# = 0 ] || { echo "up.sh: \"$*\": it has no options" >&2; exit 2; }
. "$(dirname "$0")/env.sh"
[ "$(id -u)" = 0 ] || { echo "up.sh: needs root" >&2; exit 1; }
command -v apt-get >/dev/null || { echo "up.sh: needs Debian or Ubuntu" >&2; exit 1; }
started=$SECONDS
say() { printf '%4ds %s\n' $((SECONDS - started)) "$*"; }

# Programs of another package are as good: Docker's has containerd and runc, too.
missing=()
for pair in etcd:etcd-server containerd:containerd runc:runc /usr/lib/cni/bridge:containernetworking-plugins buildah:buildah \
  conntrack:conntrack iptables:iptables ipset:ipset debootstrap:debootstrap; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  say "installing ${missing[*]}"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
for part in "pause pause" "kubernetes kubectl" "addons metrics-server"; do
  read -r name program <<< "$part"
  [ -x "$BIN/$program" ] && continue
  command -v go >/dev/null || { echo "up.sh: needs Go 1.26 to build $name" >&2; exit 1; }
  say "building $name"
  "$CLUSTER_HOME/build.sh" "$name"
done

# Clean up after a cluster that ended abruptly.
for file in "$RUN"/*.pid; do
  if [ -e "$file" ] && ! alive "$(cat "$file")"; then say "cleaning up"; "$CLUSTER_HOME/down.sh"; break; fi
done

mkdir -p "$STATE"/{cni,kubelet,etcd,volumes,config} "$RUN" "$LOG"
: > "$STATE/resolv.conf"
"$CLUSTER_HOME/certificates.sh"
tag() { sha256sum "$BIN/$1" | cut -c 1-12; }
fill() { sed -e "s#@TAG_PAUSE@#$(tag pause)#; s#@TAG_COREDNS@#$(tag coredns)#; s#@TAG_METRICS_SERVER@#$(tag metrics-server)#; s#@STATE@#$STATE#g; s#@RUN@#$RUN#g; s#@NODE@#$NODE#g; s#@NODE_IP@#$NODE_IP#g; s#@POD_CIDR@#$POD_CIDR#g; s#@DNS_IP@#$DNS_IP#g" "$1"; }
for file in containerd.toml cni.conflist kubelet.yaml proxy.yaml; do fill "$CLUSTER_HOME/config/$file.in" > "$STATE/config/$file"; done
cp "$STATE/config/cni.conflist" "$STATE/cni/10-pods.conflist"

# The addresses of the node and of services exist only on this machine: no packet for them, or from a pod, leaves it.
settings=(net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables)
modprobe -a br_netfilter overlay 2>/dev/null || true
# down.sh sets these back.
[ -e "$STATE/sysctl" ] || sysctl "${settings[@]}" > "$STATE/sysctl"
sysctl -qw "${settings[@]/%/=1}"
link() { ip link show "$1" >/dev/null 2>&1 || ip link add "$1" type bridge; ip link set "$1" up; }
link kube-node; ip addr replace "$NODE_IP/32" dev kube-node
link kube-svc; ip route replace "$SERVICE_CIDR" dev kube-svc src "$NODE_IP"
ip rule show | grep -q 'iif cni0 lookup main' || ip rule add priority 99 iif cni0 lookup main suppress_prefixlength 0
ip rule show | grep -q 'iif cni0 unreachable' || ip rule add priority 100 iif cni0 unreachable

run() { # NAME COMMAND…
  local name=$1; shift
  if [ -e "$RUN/$name.pid" ] && alive "$(cat "$RUN/$name.pid")"; then return; fi
  # Not with what the caller has open, such as a lock.
  setsid "$@" >>"$LOG/$name.log" 2>&1 </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
  echo $! > "$RUN/$name.pid"
}
await() { # SECONDS WHAT COMMAND…
  local limit=$(($1 + SECONDS)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $limit ] || { echo "$what: not in time; see $LOG"; exit 1; }
    sleep .5
  done
  say "$what"
}
pki=$STATE/pki
run etcd etcd --name "$NODE" --data-dir "$STATE/etcd" --listen-client-urls http://127.0.0.1:12379 --advertise-client-urls http://127.0.0.1:12379 \
  --listen-peer-urls http://127.0.0.1:12380 --unsafe-no-fsync
run containerd containerd --config "$STATE/config/containerd.toml"
run apiserver kube-apiserver --bind-address "$NODE_IP" --advertise-address "$NODE_IP" --etcd-servers http://127.0.0.1:12379 \
  --service-cluster-ip-range "$SERVICE_CIDR" --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
  --client-ca-file "$pki/ca.crt" --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" \
  --kubelet-client-certificate "$pki/apiserver-kubelet.crt" --kubelet-client-key "$pki/apiserver-kubelet.key" \
  --kubelet-certificate-authority "$pki/ca.crt" --kubelet-preferred-address-types InternalIP \
  --service-account-issuer https://kubernetes.default.svc.cluster.local --service-account-key-file "$pki/service-account.key" \
  --service-account-signing-key-file "$pki/service-account.key" \
  --requestheader-client-ca-file "$pki/front-proxy-ca.crt" --requestheader-allowed-names front-proxy \
  --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group --requestheader-extra-headers-prefix X-Remote-Extra- \
  --proxy-client-cert-file "$pki/front-proxy.crt" --proxy-client-key-file "$pki/front-proxy.key" --allow-privileged
await 90 "the API server answers" kubectl get --raw /readyz
run controller-manager kube-controller-manager --kubeconfig "$STATE/controller-manager.kubeconfig" --bind-address 127.0.0.1 --leader-elect=false \
  --authentication-kubeconfig "$STATE/controller-manager.kubeconfig" --authorization-kubeconfig "$STATE/controller-manager.kubeconfig" \
  --root-ca-file "$pki/ca.crt" --service-account-private-key-file "$pki/service-account.key" --use-service-account-credentials \
  --cluster-signing-cert-file "$pki/ca.crt" --cluster-signing-key-file "$pki/ca.key" --cluster-cidr "$POD_CIDR" --service-cluster-ip-range "$SERVICE_CIDR"
run scheduler kube-scheduler --kubeconfig "$STATE/scheduler.kubeconfig" --bind-address 127.0.0.1 --leader-elect=false \
  --authentication-kubeconfig "$STATE/scheduler.kubeconfig" --authorization-kubeconfig "$STATE/scheduler.kubeconfig"

await 30 "containerd answers" ctr version
for name in pause coredns metrics-server; do
  "$CLUSTER_HOME/image.sh" "$BIN/$name" >/dev/null
done
run kubelet kubelet --config "$STATE/config/kubelet.yaml" --kubeconfig "$STATE/kubelet.kubeconfig" --hostname-override "$NODE" --node-ip "$NODE_IP" \
  --root-dir "$STATE/kubelet"
await 60 "the node is there" kubectl get node "$NODE"
run proxy kube-proxy --config "$STATE/config/proxy.yaml"
NODE_NAME=$NODE run netpol netpol --kubeconfig "$STATE/netpol.kubeconfig" --hostname-override "$NODE" --service-cluster-ip-range "$SERVICE_CIDR" --iptables-sync-period 1m
for file in coredns metrics-server storage; do fill "$CLUSTER_HOME/manifests/$file.yaml.in" | kubectl apply -f - >/dev/null; done
run volumes "$CLUSTER_HOME/volumes.sh"
await 90 "the node is Ready" kubectl wait --for=condition=Ready "node/$NODE" --timeout=1s
await 120 "names are answered" kubectl -n kube-system rollout status deployment/coredns --timeout=1s
await 120 "the metrics API answers" kubectl -n kube-system rollout status deployment/metrics-server --timeout=1s
say "up: . $CLUSTER_HOME/env.sh; kubectl get pods -A"
