#!/bin/bash
# Installs prometheus-operator, built from its Go module, in the cluster: in namespace default, for all namespaces. Run it again to update it.
set -euo pipefail
. "$(dirname "$0")/env.sh"
for program in operator prometheus-config-reloader; do
  [ -x "$BIN/$program" ] || "$CLUSTER_HOME/build.sh" operator
done
operator=$("$CLUSTER_HOME/image.sh" "$BIN/operator")
reloader=$("$CLUSTER_HOME/image.sh" "$BIN/prometheus-config-reloader")
module=$(cd "$CLUSTER_HOME/mod/operator" && go list -m -f '{{.Dir}}' github.com/prometheus-operator/prometheus-operator)
registry=quay.io/prometheus-operator
sed -e "s#$registry/prometheus-operator:[^ ]*#$operator#" -e "s#$registry/prometheus-config-reloader:[^ ]*#$reloader#" "$module/bundle.yaml" |
  kubectl apply --server-side --filename - > /dev/null
kubectl --namespace default rollout status deployment/prometheus-operator --timeout=120s
