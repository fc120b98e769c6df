#!/bin/bash
# Offers volumes in folders of the node to claims of the default class, and empties one for the next claim when its claim is deleted. Runs as
# long as the cluster does.
set -uo pipefail
. "$(dirname "$0")/env.sh"
volume() { # NAME
  mkdir -p "$STATE/volumes/$1"
  cat << END
apiVersion: v1
kind: PersistentVolume
metadata: { name: $1, labels: { node-folder: "true" } }
spec:
  capacity: { storage: 20Gi }
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: node-folder
  local: { path: $STATE/volumes/$1 }
  nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: kubernetes.io/hostname, operator: In, values: [$NODE] }] }] } }
---
END
}
for number in $(seq 12); do volume "volume-$number"; done | kubectl apply -f - > /dev/null
while sleep 2; do
  for name in $(kubectl get pv -l node-folder=true -o 'jsonpath={range .items[?(@.status.phase=="Released")]}{.metadata.name}{"\n"}{end}' 2> /dev/null); do
    find "$STATE/volumes/$name" -mindepth 1 -delete
    chown 0:0 "$STATE/volumes/$name"
    kubectl patch pv "$name" --type json --patch '[{"op":"remove","path":"/spec/claimRef"}]' > /dev/null
  done
done
