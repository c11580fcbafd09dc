package sound

// Code names a rule that a value breaks. What each stands for, docs/verify.md tells.
type Code string

// The codes.
const (
	// Values of any kind.
	EmptyKey        Code = "empty-collection"
	Duplicate       Code = "duplicate-element"
	PackedDuplicate Code = "duplicate-packed"

	// Packed blobs.
	ListpackFrame Code = "listpack-frame"
	ListpackEntry Code = "listpack-entry"
	ZiplistFrame  Code = "ziplist-frame"
	ZiplistEntry  Code = "ziplist-entry"
	IntsetFrame   Code = "intset-frame"
	IntsetOrder   Code = "intset-order"
	Zipmap        Code = "zipmap"
	Pairs         Code = "pairs"
	ZiplistPairs  Code = "ziplist-pairs"

	// Sorted sets, hashes, vector sets, lists.
	Score            Code = "score"
	NaN              Code = "score-nan"
	PackedNaN        Code = "score-nan-packed"
	ZSetOrder        Code = "zset-order"
	FieldExpiry      Code = "field-expiry"
	PackedExpiry     Code = "field-expiry-packed"
	FieldExpiryOrder Code = "field-expiry-order"
	FieldExpiryMin   Code = "field-expiry-min"
	VectorGraph      Code = "vectorset-graph"
	VectorNode       Code = "vectorset-node"
	NodeEmpty        Code = "quicklist-node"

	// Streams.
	StreamNodeTwice  Code = "stream-node-twice"
	StreamNodeEmpty  Code = "stream-node-empty"
	StreamMaster     Code = "stream-master"
	StreamEntry      Code = "stream-entry"
	StreamMore       Code = "stream-more-entries"
	StreamDeleted    Code = "stream-deleted"
	StreamOrder      Code = "stream-order"
	StreamFirst      Code = "stream-node-first"
	StreamFirstID    Code = "stream-first-id"
	StreamLastID     Code = "stream-last-id"
	StreamLength     Code = "stream-length"
	StreamNoNodes    Code = "stream-no-nodes"
	StreamAdded      Code = "stream-entries-added"
	GroupTwice       Code = "group-twice"
	GroupRead        Code = "group-entries-read"
	ConsumerTwice    Code = "consumer-twice"
	PendingTwice     Code = "pending-twice"
	PendingOwnerless Code = "pending-ownerless"
)
