package keyspace

import hashslot "github.com/rdbtool/rdbtool/internal/slot"

// cmdCluster executes CLUSTER FLUSHSLOT slot [SYNC|ASYNC], which removes the keys
// of a slot from all databases. Servers log nothing else of CLUSTER.
func cmdCluster(x *Executor, args [][]byte) error {
	if !equalFold(args[1], "FLUSHSLOT") {
		return &UnsupportedError{Command: "CLUSTER " + string(upper(args[1])), Reason: "it is about servers, not data"}
	}
	if len(args) < 3 || len(args) > 4 {
		return errArity("cluster|flushslot")
	}
	if len(args) == 4 && !equalFold(args[3], "SYNC") && !equalFold(args[3], "ASYNC") {
		return errSyntax
	}
	n, ok := parseInt(args[2])
	if !ok || n < 0 || n >= hashslot.Count {
		return ReplyError("ERR Invalid or out of range slot")
	}
	for i := range x.ds.shards {
		for _, d := range x.ds.shards[i].dbs {
			var gone [][]byte
			d.each(func(b block) bool {
				if hashslot.Of(b.key()) == int(n) {
					gone = append(gone, b.key())
				}
				return true
			})
			d.removeAll(gone)
		}
	}
	return nil
}
