package rdb

// Loss is something of an entry that its target cannot hold.
type Loss struct {
	What LossKind
	// Count is of the things that What names: fields, groups, pending entries
	// ... 1 where it is the key or the record itself.
	Count int64
}

// LossKind is a thing that a target may not be able to hold.
type LossKind uint8

// The things that may be lost. Whole tells whether it is a key or record as a
// whole, or a part.
const (
	LostStream       LossKind = iota // before Redis 5.0
	LostModule                       // before Redis 4.0
	LostVectorSet                    // other than Redis 8.0 and later
	LostArray                        // before Redis 8.8
	LostPathHash                     // other than Valkey 9.2
	LostCron                         // other than KeyDB
	LostFunction                     // before Redis 7.0
	LostOldFunction                  // of a release candidate of Redis 7.0: no server reads it
	LostModuleAux                    // before Redis 5.0
	LostSlotImport                   // other than Valkey 9.0 and later
	LostUpdate                       // command saved among the keys: other than Valkey 9.2
	lostWhole                        // number of the kinds above
	LostFieldExpiry                  // before Redis 7.4 and Valkey 9.0, or later than the target knows: the fields stay
	LostMemberExpiry                 // KeyDB
	LostStreamInfo                   // first ID, highest deleted ID, entries added, entries read (before Redis 7.0)
	LostActiveTime                   // of a consumer (before Redis 7.2)
	LostProducers                    // idempotent production (before Redis 8.6)
	LostNacked                       // pending entries that nobody owns (before Redis 8.8)
	LostPending                      // pending entries whose stream entry is gone (in commands)
	LostConsumer                     // consumers without pending entries (in commands before Redis 6.2)
	LostKeyMeta                      // module metadata of a key (before Redis 8.6)
	LostAccess                       // idle time or access counter (before Redis 5.0, and in commands)
	LostSeenTime                     // when a consumer was last seen or active (in commands)
	LostScript                       // Lua script in the script cache
	NumLosses
)

var lossNames = [NumLosses]string{
	LostStream: "streams", LostModule: "module values", LostVectorSet: "vector sets", LostArray: "arrays", LostPathHash: "path hashes",
	LostCron: "cron jobs", LostFunction: "functions", LostOldFunction: "functions of a release candidate", LostModuleAux: "module aux records",
	LostSlotImport: "slot imports", LostUpdate: "commands saved among the keys",
	LostFieldExpiry: "field expiries", LostMemberExpiry: "member expiries", LostStreamInfo: "stream metadata", LostActiveTime: "active times of consumers",
	LostProducers: "idempotent producers", LostNacked: "pending entries without an owner", LostPending: "pending entries of deleted stream entries",
	LostConsumer: "consumers without pending entries", LostKeyMeta: "key metadata of modules", LostAccess: "access times and counters",
	LostSeenTime: "seen times of consumers", LostScript: "cached scripts",
}

func (k LossKind) String() string {
	if k < NumLosses {
		return lossNames[k]
	}
	return "loss"
}

// Whole reports whether the key or record is left out as a whole.
func (k LossKind) Whole() bool { return k < lostWhole }

// Minor reports whether what is lost is no data: nobody need agree to the
// loss.
func (k LossKind) Minor() bool { return k == LostAccess || k == LostSeenTime || k == LostScript }
