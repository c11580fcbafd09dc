package rdb

import "slices"

// What a server loads. A target that is a version of the format counts as the
// servers that write it.

// Loads reports whether the target takes files of version v. Redis takes those
// of its own family up to its own version. Valkey takes what Redis 7.2 does, and
// since 9.0 its own family, unless told otherwise (rdb-version-check relaxed).
func (t *Target) Loads(v Version) bool {
	if v.Family == Valkey {
		return t.Version.Family == Valkey && v.Number >= minValkey && v.Number <= t.Version.Number
	}
	return v.Number >= 1 && v.Number <= t.format()
}

// LoadsType reports whether the target takes values of that type byte, in the
// meaning that it has in files of the family. A module's value asks for the
// module too.
func (t *Target) LoadsType(f Family, typ byte) bool {
	if typ == typeCron {
		return false // of KeyDB, which is no target
	}
	return t.holdsType(f, typ)
}

// LoadsOpcode reports whether the target takes records of that opcode, in the
// meaning that it has in files of the family.
func (t *Target) LoadsOpcode(f Family, op byte) bool {
	since := opcodeSince[op]
	if f == Valkey && valkeyOpcodeSince[op] > 0 {
		since = valkeyOpcodeSince[op]
	}
	switch {
	case op == opSlotInfo && t.Version.Family == Valkey: // it does not write it, but takes it
		return true
	case since == 0:
		return false
	case since >= minValkey:
		return t.Version.Family == Valkey && t.Version.Number >= since
	case since > 11:
		return t.Version.Family == Redis && t.Version.Number >= since
	}
	return t.format() >= since
}

// opcodeSince is the version with which each opcode came; 0 is for what no
// release takes: those of Redis Enterprise and of release candidates.
var opcodeSince = [256]int{
	opEOF: 1, opSelectDB: 1, opExpire: 1, opExpireMs: 3, opResizeDB: 7, opAux: 7, opFreq: 9, opIdle: 9, opModuleAux: 9,
	opFunction: 10, opSlotInfo: 12, opKeyMeta: 13, opHashTemplate: 15,
}

// valkeyOpcodeSince are the opcodes that mean something else in files of the
// Valkey family.
var valkeyOpcodeSince = [256]int{opSlotImport: 80, opUpdate: 81}

// TypeName says in words what a type byte stands for: "hash, listpack". It is
// empty for a byte that stands for nothing.
func TypeName(f Family, typ byte) string {
	info := &typesOf[f][typ]
	if info.layout == layUnknown {
		return ""
	}
	name := info.typ.String()
	if e := info.encoding.String(); e != name && e != "" {
		name += ", " + e
	}
	return name
}

// OpcodeName names an opcode as the servers' sources do.
func OpcodeName(f Family, op byte) string { return opcodeName(f, op) }

// Targets returns the releases that ParseTarget knows, each product's oldest
// first.
func Targets() []Target { return slices.Clone(targets) }
