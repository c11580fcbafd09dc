package rdb

import (
	"fmt"
	"strconv"
)

// Family is the magic that a file begins with. It decides what some numbers
// mean: type 22 and opcode 243 differ between the families.
type Family uint8

// The families.
const (
	Redis  Family = iota // "REDIS" and four digits
	Valkey               // "VALKEY" and three digits
)

func (f Family) String() string {
	if f == Valkey {
		return "VALKEY"
	}
	return "REDIS"
}

// The versions that exist, by family.
const (
	maxRedis  = 15
	minValkey = 80
	maxValkey = 81
)

// Version is the format version of a file.
type Version struct {
	Family Family
	Number int
}

// String returns the version as it stands at the start of a file.
func (v Version) String() string {
	if v.Family == Valkey {
		return fmt.Sprintf("VALKEY%03d", v.Number)
	}
	return fmt.Sprintf("REDIS%04d", v.Number)
}

// Known reports whether this package reads files of version v.
func (v Version) Known() bool {
	if v.Family == Valkey {
		return v.Number >= minValkey && v.Number <= maxValkey
	}
	return v.Number >= 1 && v.Number <= maxRedis
}

// HasChecksum reports whether a file of version v ends with a checksum.
func (v Version) HasChecksum() bool { return v.Family == Valkey || v.Number >= 5 }

// headerLen is the length of magic and version in every family.
const headerLen = 9

// parseVersion decodes the first nine bytes of a file. ok is false if they are
// no RDB header at all.
func parseVersion(b []byte) (v Version, ok bool) {
	digits := string(b[5:headerLen])
	switch {
	case string(b[:6]) == "VALKEY":
		v.Family, digits = Valkey, digits[1:]
	case string(b[:5]) != "REDIS":
		return v, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return v, false
		}
	}
	v.Number, _ = strconv.Atoi(digits)
	return v, true
}
