// Package keyspace is a data set that executes commands: what a server holds in
// memory, without the server.
//
// Commands and the entries of snapshots go in, entries come out. Commands act as
// they do when a server loads its append-only file: nothing expires by the
// clock, a deadline in the past is kept as it is, and only what the log deletes
// goes away. A command that a server would answer with an error changes nothing
// and is a ReplyError; one that cannot be executed without a server is an
// *UnsupportedError.
//
// # How values are kept
//
// A database is a dict: an open addressing table of handles into an arena of
// byte blocks, one block for each key, which the garbage collector need not look
// into. Small values stand packed in their block. Large ones, and streams, are
// Go objects that the block refers to; large hashes, sets and sorted sets are
// dicts again, by field or member.
//
//	string        the bytes
//	list, set     items
//	hash          items: field, value, field, value ...
//	sorted set    score (8 bytes), item, score, item ... in no order
//
// An item is a length (uvarint) and the bytes.
package keyspace
