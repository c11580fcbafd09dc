package verify

// The codes of RDB files, and of RDB parts of append-only files.
const (
	// The file.
	CodeNotRDB       Code = "not-rdb"
	CodeEmpty        Code = "empty-file"
	CodeUnsupported  Code = "unsupported"
	CodeTruncated    Code = "truncated"
	CodeChecksum     Code = "checksum"
	CodeTrailing     Code = "trailing-bytes"
	CodeFraming      Code = "framing"
	CodePacked       Code = "packed-file"
	CodeAux          Code = "aux"
	CodeDuplicateKey Code = "duplicate-key"
	CodeKeyCount     Code = "key-count"
	CodeExpiry       Code = "expiry"
	CodeAttribute    Code = "attribute"

	// Values of any kind.
	CodeTooLarge        Code = "too-large"
	CodeLength          Code = "length"
	CodeLZF             Code = "lzf"
	CodeEmptyKey        Code = "empty-collection"
	CodeDuplicate       Code = "duplicate-element"
	CodePackedDuplicate Code = "duplicate-packed"

	// Packed blobs.
	CodeListpackFrame Code = "listpack-frame"
	CodeListpackEntry Code = "listpack-entry"
	CodeZiplistFrame  Code = "ziplist-frame"
	CodeZiplistEntry  Code = "ziplist-entry"
	CodeIntsetFrame   Code = "intset-frame"
	CodeIntsetOrder   Code = "intset-order"
	CodeZipmap        Code = "zipmap"
	CodePairs         Code = "pairs"
	CodeZiplistPairs  Code = "ziplist-pairs"

	// Sorted sets, hashes, lists, modules.
	CodeScore            Code = "score"
	CodeNaN              Code = "score-nan"
	CodeZSetOrder        Code = "zset-order"
	CodeFieldExpiry      Code = "field-expiry"
	CodeFieldExpiryOrder Code = "field-expiry-order"
	CodeFieldExpiryMin   Code = "field-expiry-min"
	CodeNodeKind         Code = "quicklist-container"
	CodeNodeEmpty        Code = "quicklist-node"
	CodeModule           Code = "module"

	// Streams.
	CodeStreamNodeKey    Code = "stream-node-key"
	CodeStreamNodeTwice  Code = "stream-node-twice"
	CodeStreamNodeEmpty  Code = "stream-node-empty"
	CodeStreamMaster     Code = "stream-master"
	CodeStreamEntry      Code = "stream-entry"
	CodeStreamMore       Code = "stream-more-entries"
	CodeStreamDeleted    Code = "stream-deleted"
	CodeStreamOrder      Code = "stream-order"
	CodeStreamFirst      Code = "stream-node-first"
	CodeStreamFirstID    Code = "stream-first-id"
	CodeStreamLastID     Code = "stream-last-id"
	CodeStreamLength     Code = "stream-length"
	CodeStreamNoNodes    Code = "stream-no-nodes"
	CodeStreamAdded      Code = "stream-entries-added"
	CodeGroupTwice       Code = "group-twice"
	CodeGroupRead        Code = "group-entries-read"
	CodeConsumerTwice    Code = "consumer-twice"
	CodePendingTwice     Code = "pending-twice"
	CodePendingOwner     Code = "pending-owner"
	CodePendingOwned     Code = "pending-owned-twice"
	CodePendingOwnerless Code = "pending-ownerless"
)

// rdbRules are those of RDB files. What servers do was tried on Redis 7.0 and
// 8.0 and Valkey 9.1: see docs/verify.md.
var rdbRules = []Rule{
	{CodeNotRDB, Error, "the file begins with no magic of an RDB file", always},
	{CodeEmpty, Error, "the file has no bytes", always},
	{CodeUnsupported, Unsupported, "a version, type or opcode that rdbtool does not know", nil},
	{CodeTruncated, Error, "the file ends too early, or a length reaches beyond its end", always},
	{CodeChecksum, Error, "the checksum is not that of the bytes", always},
	{CodeTrailing, Error, "bytes follow the end of the file", nil},
	{CodeFraming, Error, "bytes that are no record where one is due", always},
	{CodePacked, Error, "the compressed stream around the file is damaged", always},
	{CodeAux, Warning, "an aux field contradicts the file", nil},
	{CodeDuplicateKey, Error, "a key stands twice in one database", always},
	{CodeKeyCount, Warning, "a database has another number of keys than it announces", nil},
	{CodeExpiry, Warning, "a key expires before 1970", nil},
	{CodeAttribute, Warning, "an attribute that belongs to no key", nil},

	{CodeTooLarge, Error, "a string asks for more memory than the limit", always},
	{CodeLength, Error, "a length or a string form that does not exist", always},
	{CodeLZF, Error, "a compressed string does not unpack to what it says", always},
	{CodeEmptyKey, Warning, "a collection without elements: servers leave out such a key", nil},
	{CodeDuplicate, Error, "an element stands twice in a collection that has each once", always},
	{CodePackedDuplicate, Error, "an element stands twice in a collection that is packed, or that a server packs when it loads it", deepCheckers},

	{CodeListpackFrame, Error, "the size or the end mark of a listpack is wrong", always},
	{CodeListpackEntry, Error, "an entry of a listpack is wrong", deepCheckers},
	{CodeZiplistFrame, Error, "the sizes or the end mark of a ziplist are wrong", always},
	{CodeZiplistEntry, Error, "an entry of a ziplist is wrong", ziplistCheckers},
	{CodeIntsetFrame, Error, "the width or the size of an intset is wrong, or it is empty", always},
	{CodeIntsetOrder, Error, "the members of an intset do not ascend", deepCheckers},
	{CodeZipmap, Error, "a zipmap is wrong", always},
	{CodePairs, Error, "an element of a listpack lacks its second half", deepCheckers},
	{CodeZiplistPairs, Error, "an element of a ziplist lacks its second half, or stands twice", ziplistCheckers},

	{CodeScore, Error, "a score is no number", nil},
	{CodeNaN, Error, "a score is not a number (NaN)", always},
	{CodeZSetOrder, Error, "the members of a packed sorted set do not ascend by score and name", nil},
	{CodeFieldExpiry, Error, "the expiry of a field is out of range", always},
	{CodeFieldExpiryOrder, Error, "fields do not ascend by their expiry", deepCheckers},
	{CodeFieldExpiryMin, Error, "the earliest expiry of the fields is not the one announced", nil},
	{CodeNodeKind, Error, "a list node is of an unknown kind", always},
	{CodeNodeEmpty, Error, "a list node has no bytes", always},
	{CodeModule, Error, "the items of a module value are wrong", always},

	{CodeStreamNodeKey, Error, "the first ID of a stream node is no ID", always},
	{CodeStreamNodeTwice, Error, "two stream nodes have the same first ID", always},
	{CodeStreamNodeEmpty, Error, "a stream node without entries", always},
	{CodeStreamMaster, Error, "the head of a stream node is wrong", deepCheckers},
	{CodeStreamEntry, Error, "an entry of a stream node is wrong", deepCheckers},
	{CodeStreamMore, Error, "a stream node goes on after the entries that it counts", deepCheckers},
	{CodeStreamDeleted, Error, "a stream node counts another number of deleted entries than it has", nil},
	{CodeStreamOrder, Error, "the IDs of a stream do not ascend", nil},
	{CodeStreamFirst, Error, "a stream node does not begin with its first ID", nil},
	{CodeStreamFirstID, Error, "the first ID of a stream is not that of its first entry", nil},
	{CodeStreamLastID, Error, "an entry has a later ID than the stream's last", nil},
	{CodeStreamLength, Warning, "a stream has another number of entries than it says", deepCheckers},
	{CodeStreamNoNodes, Error, "a stream counts entries and has none", always},
	{CodeStreamAdded, Warning, "a stream has more entries than were ever added", nil},
	{CodeGroupTwice, Error, "two consumer groups have the same name", always},
	{CodeGroupRead, Warning, "a consumer group has read more entries than were ever added", nil},
	{CodeConsumerTwice, Error, "two consumers of a group have the same name", always},
	{CodePendingTwice, Error, "an entry is pending twice in a group", always},
	{CodePendingOwner, Error, "a consumer owns an entry that is not pending", always},
	{CodePendingOwned, Error, "an entry has two owners", always},
	{CodePendingOwnerless, Error, "a pending entry has no owner", deepCheckers},
}
