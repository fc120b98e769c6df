#!/bin/bash
# Certificates and kubeconfigs into $STATE, once.
set -euo pipefail
. "$(dirname "$0")/env.sh"
mkdir -p "$STATE/pki"; cd "$STATE/pki"
[ -e complete ] && exit 0
authority() { openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -keyout "$1.key" -out "$1.crt" -subj "/CN=$1" 2>/dev/null; }
# NAME SUBJECT AUTHORITY [subjectAltName]
leaf() {
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2" 2>/dev/null
  { echo "basicConstraints=CA:FALSE"; echo "keyUsage=digitalSignature,keyEncipherment"; echo "extendedKeyUsage=serverAuth,clientAuth"
    [ -z "${4:-}" ] || echo "subjectAltName=$4"; } > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" -CAcreateserial -days 3650 -extfile "$1.ext" -out "$1.crt" 2>/dev/null
  rm "$1.csr" "$1.ext"
}
config() {
  local file=$STATE/$1.kubeconfig
  rm -f "$file"
  kubectl --kubeconfig "$file" config set-cluster local --server "https://$NODE_IP:6443" --certificate-authority ca.crt --embed-certs >/dev/null
  kubectl --kubeconfig "$file" config set-credentials "$1" --client-certificate "$1.crt" --client-key "$1.key" --embed-certs >/dev/null
  kubectl --kubeconfig "$file" config set-context local --cluster local --user "$1" >/dev/null
  kubectl --kubeconfig "$file" config use-context local >/dev/null
}
authority ca; authority front-proxy-ca
openssl genrsa -out service-account.key 2048 2>/dev/null
leaf apiserver /CN=kube-apiserver ca "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost,IP:127.0.0.1,IP:$NODE_IP,IP:$API_IP"
leaf kubelet-server "/O=system:nodes/CN=system:node:$NODE" ca "DNS:$NODE,IP:$NODE_IP"
leaf apiserver-kubelet /O=system:masters/CN=apiserver-kubelet ca
leaf front-proxy /CN=front-proxy front-proxy-ca
leaf admin /O=system:masters/CN=admin ca
leaf controller-manager /CN=system:kube-controller-manager ca
leaf scheduler /CN=system:kube-scheduler ca
leaf kubelet "/O=system:nodes/CN=system:node:$NODE" ca
leaf proxy /CN=system:kube-proxy ca
leaf netpol /O=system:masters/CN=netpol ca
for name in admin controller-manager scheduler kubelet proxy netpol; do config $name; done
touch complete
