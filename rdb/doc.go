// Package rdb reads RDB files, the snapshots of Redis and Valkey, in every
// version that a server writes: REDIS 1 to 15 and VALKEY 80 and 81.
//
// A file is a header, records, and a footer with a checksum:
//
//	REDIS0012 | FA aux | FE db | FB sizes | [FC expiry] type key value | ... | FF | CRC64
//
// A byte before each record tells what it is: a type, then key and value
// follow, or an opcode. What a byte means depends on the magic, see Family.
// No record carries its length, so a file can only be read front to back, and
// nothing behind an unknown byte can be read at all.
//
// # Reading
//
// Reader gives the entries of a file one by one. Process cuts the file into
// batches of whole records and works on several of them at once; its output is
// in the order of the file all the same. Summarize counts what is there.
//
// Strings and blobs are borrowed from the buffer that the file is read into
// and live until the next call. An entry's value is a cursor: what is not read
// is not decoded.
//
// # Errors
//
// Bytes that cannot be right are an *entry.CorruptError, which names the file,
// the offset, the key and the reason. Bytes that this package does not know,
// because they are newer or private to some product, are an
// *entry.UnsupportedError; nothing is guessed. A source that fails is returned
// as its own error. The checksum is verified at the end of the file: entries
// have been given out by then, so the end must be reached before they are
// believed.
//
// # Memory
//
// A record of up to 1 MiB is held whole, if it unpacks to no more than 2 MiB; a larger one is read while its
// cursor moves. What must be held whole is a single string, blob or key, up to
// Options.MaxString, unless Options.Fragments asks for long strings in parts,
// and the pending entries of one consumer group, some 48 bytes each.
package rdb
