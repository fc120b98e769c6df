#!/bin/bash
# Ends the cluster. Built programs and images are kept; `down.sh --all` removes all state but the built programs.
set -uo pipefail
case $#:${1:-} in 0: | 1:--all) ;; *) echo "down.sh: \"$*\": only --all is allowed" >&2; exit 2 ;; esac
. "$(dirname "$0")/env.sh"
[ "$(id -u)" = 0 ] || { echo "down.sh: needs root" >&2; exit 1; }
stop() {
  local pid
  [ -e "$RUN/$1.pid" ] || return 0
  pid=$(cat "$RUN/$1.pid")
  if kill "$pid" 2>/dev/null; then
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep .1; done
    kill -9 "$pid" 2>/dev/null
  fi
  rm -f "$RUN/$1.pid"
}
for name in volumes kubelet proxy netpol controller-manager scheduler; do stop $name; done
# After an abrupt end, containers may still run without containerd. A new containerd finds and ends them.
if ! ctr version >/dev/null 2>&1 && [ -e "$STATE/config/containerd.toml" ]; then
  mkdir -p "$RUN" "$LOG"
  setsid containerd --config "$STATE/config/containerd.toml" >>"$LOG/containerd.log" 2>&1 </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
  echo $! > "$RUN/containerd.pid"
  for _ in $(seq 50); do ctr version >/dev/null 2>&1 && break; sleep .2; done
fi
if ctr version >/dev/null 2>&1; then
  for task in $(ctr tasks ls -q); do ctr tasks kill --all --signal SIGKILL "$task" >/dev/null 2>&1; done
  sleep 1
  for container in $(ctr containers ls -q); do ctr tasks delete --force "$container" >/dev/null 2>&1; ctr containers delete "$container" >/dev/null 2>&1; done
fi
stop apiserver; stop etcd; stop containerd
for shim in $(pgrep -f "^[^ ]*containerd-shim-runc-v2 .*-address $CONTAINERD_ADDRESS"); do # lost by containerd
  # shellcheck disable=SC2046 # several process ids
  kill -9 $(cat /proc/"$shim"/task/*/children 2>/dev/null) "$shim" 2>/dev/null
done
awk -v a="$STATE/" -v b="$RUN/" 'index($2, a) == 1 || index($2, b) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
for netns in $(ip netns list | awk '/^cni-/ { print $1 }'); do ip netns delete "$netns"; done
ip rule del priority 99 2>/dev/null; ip rule del priority 100 2>/dev/null
for link in cni0 kube-node kube-svc; do ip link delete $link 2>/dev/null; done
for table in filter nat mangle; do # kube-proxy's and the policies' chains
  iptables-save -t $table 2>/dev/null | grep -vE 'KUBE-|CNI-' | iptables-restore --table=$table 2>/dev/null
done
ipset list -n 2>/dev/null | grep -E '^(inet6:)?KUBE-|^kube-router' | while read -r set; do ipset destroy "$set" 2>/dev/null; done
find /sys/fs/cgroup/*/kubepods -depth -type d -exec rmdir {} + 2>/dev/null
[ -e "$STATE/sysctl" ] && sysctl -qp "$STATE/sysctl"
rm -rf "$STATE/sysctl" "$STATE/etcd" "$STATE/kubelet" "$STATE/volumes" "$RUN"
[ "${1:-}" = --all ] && rm -rf "$STATE" "$LOG"
exit 0
