module node-to-cloud/tools/cluster/pause

go 1.26
