// Package convert turns the entries of a data set into other forms: snapshots
// and commands for a server, a digest, and what people and programs read, NDJSON,
// a JSON array, CSV and a list of keys. Replay makes a data set of an append-only
// file, and JSONReader entries of JSON.
//
//	rdb, JSON ─────────▶ entries ──▶ ToRDB, ToCommands, Dump, Digest
//	log ──▶ Replay ──▶ Data ──┘
//
// # NDJSON
//
// One object a line, in the order of the file:
//
//	{"db":0,"key":"k","type":"string","encoding":"raw","expire_at_ms":1893456000000,"value":"v"}
//
// The value of a string is a string, of a list or set an array, of a hash an
// object of fields, of a sorted set an object of scores, of a stream an object
// with entries, metadata and groups. docs/cli.md has the whole schema. Byte
// strings that are not UTF-8 stand as "base64:" and base64, so that nothing is
// lost.
package convert
