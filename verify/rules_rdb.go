package verify

import "github.com/rdbtool/rdbtool/verify/sound"

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
	CodeResumed      Code = "resumed"
	CodeAux          Code = "aux"
	CodeDuplicateKey Code = "duplicate-key"
	CodeKeyCount     Code = "key-count"
	CodeExpiry       Code = "expiry"
	CodeAttribute    Code = "attribute"

	// Values of any kind.
	CodeTooLarge        Code = "too-large"
	CodeLength          Code = "length"
	CodeLZF             Code = "lzf"
	CodeEmptyKey             = Code(sound.EmptyKey)
	CodeDuplicate            = Code(sound.Duplicate)
	CodePackedDuplicate      = Code(sound.PackedDuplicate)

	// Packed blobs.
	CodeListpackFrame = Code(sound.ListpackFrame)
	CodeListpackEntry = Code(sound.ListpackEntry)
	CodeZiplistFrame  = Code(sound.ZiplistFrame)
	CodeZiplistEntry  = Code(sound.ZiplistEntry)
	CodeIntsetFrame   = Code(sound.IntsetFrame)
	CodeIntsetOrder   = Code(sound.IntsetOrder)
	CodeZipmap        = Code(sound.Zipmap)
	CodePairs         = Code(sound.Pairs)
	CodeZiplistPairs  = Code(sound.ZiplistPairs)

	// Sorted sets, hashes, lists, modules.
	CodeScore                 = Code(sound.Score)
	CodeNaN                   = Code(sound.NaN)
	CodePackedNaN             = Code(sound.PackedNaN)
	CodeZSetOrder             = Code(sound.ZSetOrder)
	CodeFieldExpiry           = Code(sound.FieldExpiry)
	CodePackedExpiry          = Code(sound.PackedExpiry)
	CodeFieldExpiryOrder      = Code(sound.FieldExpiryOrder)
	CodeFieldExpiryMin        = Code(sound.FieldExpiryMin)
	CodeNodeKind         Code = "quicklist-container"
	CodeVectorGraph           = Code(sound.VectorGraph)
	CodeVectorNode            = Code(sound.VectorNode)
	CodeNodeEmpty             = Code(sound.NodeEmpty)
	CodeModule           Code = "module"

	// Streams.
	CodeStreamNodeKey    Code = "stream-node-key"
	CodeStreamNodeTwice       = Code(sound.StreamNodeTwice)
	CodeStreamNodeEmpty       = Code(sound.StreamNodeEmpty)
	CodeStreamMaster          = Code(sound.StreamMaster)
	CodeStreamEntry           = Code(sound.StreamEntry)
	CodeStreamMore            = Code(sound.StreamMore)
	CodeStreamDeleted         = Code(sound.StreamDeleted)
	CodeStreamOrder           = Code(sound.StreamOrder)
	CodeStreamFirst           = Code(sound.StreamFirst)
	CodeStreamFirstID         = Code(sound.StreamFirstID)
	CodeStreamLastID          = Code(sound.StreamLastID)
	CodeStreamLength          = Code(sound.StreamLength)
	CodeStreamNoNodes         = Code(sound.StreamNoNodes)
	CodeStreamAdded           = Code(sound.StreamAdded)
	CodeGroupTwice            = Code(sound.GroupTwice)
	CodeGroupRead             = Code(sound.GroupRead)
	CodeConsumerTwice         = Code(sound.ConsumerTwice)
	CodePendingTwice          = Code(sound.PendingTwice)
	CodePendingOwner     Code = "pending-owner"
	CodePendingOwned     Code = "pending-owned-twice"
	CodePendingOwnerless      = Code(sound.PendingOwnerless)
)

// rdbRules are those of RDB files. What servers do was tried on Redis 7.0 and
// 8.0 and Valkey 9.1: see docs/verify.md.
var rdbRules = []Rule{
	{Code: CodeNotRDB, Severity: Error, Title: "the file begins with no magic of an RDB file", Refused: always},
	{Code: CodeEmpty, Severity: Error, Title: "the file has no bytes", Refused: always},
	{Code: CodeUnsupported, Severity: Unsupported, Title: "a version, type or opcode that rdbtool does not know"},
	{Code: CodeTruncated, Severity: Error, Title: "the file ends too early, or a length reaches beyond its end", Refused: always},
	{Code: CodeChecksum, Severity: Error, Title: "the checksum is not that of the bytes", Refused: always},
	{Code: CodeTrailing, Severity: Error, Title: "bytes follow the end of the file"},
	{Code: CodeFraming, Severity: Error, Title: "bytes that are no record where one is due", Refused: always},
	{Code: CodeResumed, Severity: Notice, Title: "records that are verified behind damage"},
	{Code: CodePacked, Severity: Error, Title: "the compressed stream around the file is damaged", Refused: always},
	{Code: CodeAux, Severity: Warning, Title: "an aux field contradicts the file"},
	{Code: CodeDuplicateKey, Severity: Error, Title: "a key stands twice in one database", Refused: always},
	{Code: CodeKeyCount, Severity: Warning, Title: "a database has another number of keys than it announces"},
	{Code: CodeExpiry, Severity: Warning, Title: "a key expires before 1970"},
	{Code: CodeAttribute, Severity: Warning, Title: "an attribute that belongs to no key"},

	{Code: CodeTooLarge, Severity: Error, Title: "a string asks for more memory than the limit", Refused: always},
	{Code: CodeLength, Severity: Error, Title: "a length or a string form that does not exist", Refused: always},
	{Code: CodeLZF, Severity: Error, Title: "a compressed string does not unpack to what it says", Refused: always},
	{Code: CodeEmptyKey, Severity: Warning, Title: "a collection without elements: servers leave out such a key"},
	{Code: CodeDuplicate, Severity: Error, Title: "an element stands twice in a collection that has each once", Refused: always},
	{Code: CodePackedDuplicate, Severity: Error, Title: "an element stands twice in a collection that is packed, or that a server packs when it loads it", Refused: deepCheckers},

	{Code: CodeListpackFrame, Severity: Error, Title: "the size or the end mark of a listpack is wrong", Refused: always},
	{Code: CodeListpackEntry, Severity: Error, Title: "an entry of a listpack is wrong", Refused: deepCheckers},
	{Code: CodeZiplistFrame, Severity: Error, Title: "the sizes or the end mark of a ziplist are wrong", Refused: always},
	{Code: CodeZiplistEntry, Severity: Error, Title: "an entry of a ziplist is wrong", Refused: ziplistCheckers},
	{Code: CodeIntsetFrame, Severity: Error, Title: "the width or the size of an intset is wrong, or it is empty", Refused: always},
	{Code: CodeIntsetOrder, Severity: Error, Title: "the members of an intset do not ascend", Refused: deepCheckers},
	{Code: CodeZipmap, Severity: Error, Title: "a zipmap is wrong", Refused: always},
	{Code: CodePairs, Severity: Error, Title: "an element of a listpack lacks its second half", Refused: deepCheckers},
	{Code: CodeZiplistPairs, Severity: Error, Title: "an element of a ziplist lacks its second half, or stands twice", Refused: ziplistCheckers},

	{Code: CodeScore, Severity: Error, Title: "a score is no number"},
	{Code: CodeNaN, Severity: Error, Title: "a score is not a number (NaN)", Refused: always},
	{Code: CodePackedNaN, Severity: Error, Title: "a score in a packed sorted set is not a number (NaN)", Refused: deepCheckers},
	{Code: CodeZSetOrder, Severity: Error, Title: "the members of a packed sorted set do not ascend by score and name"},
	{Code: CodeFieldExpiry, Severity: Error, Title: "the expiry of a field is out of range", Refused: always},
	{Code: CodePackedExpiry, Severity: Error, Title: "the expiry of a packed field is later than servers can tell", Refused: redisFrom86},
	{Code: CodeFieldExpiryOrder, Severity: Error, Title: "fields do not ascend by their expiry", Refused: deepCheckers},
	{Code: CodeFieldExpiryMin, Severity: Error, Title: "the earliest expiry of the fields is not the one announced"},
	{Code: CodeNodeKind, Severity: Error, Title: "a list node is of an unknown kind", Refused: always},
	{Code: CodeNodeEmpty, Severity: Error, Title: "a list node has no bytes", Refused: always},
	{Code: CodeVectorGraph, Severity: Error, Title: "the search graph of a vector set is wrong", Refused: always},
	{Code: CodeVectorNode, Severity: Error, Title: "a node of a vector set has no number of its own, or more numbers than belong to it"},
	{Code: CodeModule, Severity: Error, Title: "the items of a module value are wrong", Refused: always},

	{Code: CodeStreamNodeKey, Severity: Error, Title: "the first ID of a stream node is no ID", Refused: always},
	{Code: CodeStreamNodeTwice, Severity: Error, Title: "two stream nodes have the same first ID", Refused: always},
	{Code: CodeStreamNodeEmpty, Severity: Error, Title: "a stream node without entries", Refused: always},
	{Code: CodeStreamMaster, Severity: Error, Title: "the head of a stream node is wrong", Refused: deepCheckers},
	{Code: CodeStreamEntry, Severity: Error, Title: "an entry of a stream node is wrong", Refused: deepCheckers},
	{Code: CodeStreamMore, Severity: Error, Title: "a stream node goes on after the entries that it counts", Refused: deepCheckers},
	{Code: CodeStreamDeleted, Severity: Error, Title: "a stream node counts another number of deleted entries than it has", Refused: deepCheckers},
	{Code: CodeStreamOrder, Severity: Error, Title: "the IDs of a stream do not ascend"},
	{Code: CodeStreamFirst, Severity: Error, Title: "a stream node does not begin with its first ID"},
	{Code: CodeStreamFirstID, Severity: Error, Title: "the first ID of a stream is not that of its first entry"},
	{Code: CodeStreamLastID, Severity: Error, Title: "an entry has a later ID than the stream's last"},
	{Code: CodeStreamLength, Severity: Warning, Title: "a stream has another number of entries than it says", Refused: deepCheckers},
	{Code: CodeStreamNoNodes, Severity: Error, Title: "a stream counts entries and has none", Refused: always},
	{Code: CodeStreamAdded, Severity: Warning, Title: "a stream has more entries than were ever added"},
	{Code: CodeGroupTwice, Severity: Error, Title: "two consumer groups have the same name", Refused: always},
	{Code: CodeGroupRead, Severity: Warning, Title: "a consumer group has read more entries than were ever added"},
	{Code: CodeConsumerTwice, Severity: Error, Title: "two consumers of a group have the same name", Refused: always},
	{Code: CodePendingTwice, Severity: Error, Title: "an entry is pending twice in a group", Refused: always},
	{Code: CodePendingOwner, Severity: Error, Title: "a consumer owns an entry that is not pending", Refused: always},
	{Code: CodePendingOwned, Severity: Error, Title: "an entry has two owners", Refused: not(redisFrom86)},
	{Code: CodePendingOwnerless, Severity: Error, Title: "a pending entry has no owner", Refused: deepCheckers},
}
