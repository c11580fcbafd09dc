package keyspace

import hashslot "github.com/rdbtool/rdbtool/internal/slot"

// Nodes of a cluster write into their logs that they gave slots away: Redis 8.4
// as TRIMSLOTS, Valkey 9.0 as CLUSTER FLUSHSLOT. The keys go from all databases.

// slotRange is a range of hash slots, with its last one.
type slotRange struct{ first, last int64 }

// cmdTrimSlots executes TRIMSLOTS RANGES n first last [first last ...].
func cmdTrimSlots(x *Executor, args [][]byte) error {
	if !equalFold(args[1], "RANGES") {
		return errSyntax
	}
	n, ok := parseInt(args[2])
	bounds := args[3:]
	if !ok || n < 1 || int64(len(bounds)) != 2*n {
		return errArity("trimslots")
	}
	var ranges []slotRange
	for ; len(bounds) > 0; bounds = bounds[2:] {
		first, err := slotArg(bounds[0])
		if err != nil {
			return err
		}
		last, err := slotArg(bounds[1])
		if err != nil {
			return err
		}
		if first > last {
			return ReplyError("ERR start slot number is greater than end slot number")
		}
		ranges = append(ranges, slotRange{first, last})
	}
	x.ds.removeSlots(ranges)
	return nil
}

// cmdCluster executes CLUSTER FLUSHSLOT slot [SYNC|ASYNC].
func cmdCluster(x *Executor, args [][]byte) error {
	if !equalFold(args[1], "FLUSHSLOT") {
		return &UnsupportedError{Command: "CLUSTER " + subcommand(args[1]), Reason: unknownCommand}
	}
	if len(args) < 3 {
		return &ArityError{Command: "CLUSTER FLUSHSLOT"}
	}
	n, err := slotArg(args[2])
	if err != nil {
		return err
	}
	if len(args) > 4 || len(args) == 4 && !equalFold(args[3], "SYNC") && !equalFold(args[3], "ASYNC") {
		return errSyntax
	}
	x.ds.removeSlots([]slotRange{{n, n}})
	return nil
}

func slotArg(b []byte) (int64, error) {
	n, ok := parseInt(b)
	if !ok || n < 0 || n >= hashslot.Count {
		return 0, ReplyError("ERR Invalid or out of range slot")
	}
	return n, nil
}

// removeSlots takes out all keys of those slots.
func (d *Dataset) removeSlots(ranges []slotRange) {
	for i := range d.shards {
		for _, db := range d.shards[i].dbs {
			var gone [][]byte
			db.each(func(b block) bool {
				n := int64(hashslot.Of(b.key()))
				for _, r := range ranges {
					if r.first <= n && n <= r.last {
						gone = append(gone, b.key())
						break
					}
				}
				return true
			})
			db.removeAll(gone)
		}
	}
}
