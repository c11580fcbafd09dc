package rdb

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Target is what a file is written for: a release of a server, or a version of
// the format. The zero Target is not valid; see ParseTarget and TargetOf.
type Target struct {
	// Name is what ParseTarget knows the target by: "redis-7.4", "rdb-11".
	Name    string
	Version Version
	// Release is what the file says of its writer, such as "7.4.0". It is
	// empty where the target is a version of the format.
	Release string

	product Family // whose server it is; Valkey wrote the Redis family up to 8.1
	number  int    // major and minor release: 704
}

// targets are the releases by name, each product's oldest first. A version of
// the format stands for the oldest release that writes it.
var targets = []Target{
	release(Redis, 2, 6, 6), release(Redis, 2, 8, 6), release(Redis, 3, 0, 6), release(Redis, 3, 2, 7), release(Redis, 4, 0, 8),
	release(Redis, 5, 0, 9), release(Redis, 6, 0, 9), release(Redis, 6, 2, 9), release(Redis, 7, 0, 10), release(Redis, 7, 2, 11),
	release(Redis, 7, 4, 12), release(Redis, 8, 0, 12), release(Redis, 8, 2, 12), release(Redis, 8, 4, 12), release(Redis, 8, 6, 13),
	release(Valkey, 7, 2, 11), release(Valkey, 8, 0, 11), release(Valkey, 8, 1, 11), release(Valkey, 9, 0, 80), release(Valkey, 9, 1, 80),
}

// oldest is the oldest version that is written: that of Redis 2.6. Files of it
// load on every later server.
const oldest = 6

func release(product Family, major, minor, version int) Target {
	t := Target{
		Name:    fmt.Sprintf("%s-%d.%d", strings.ToLower(product.String()), major, minor),
		Version: Version{Number: version}, Release: fmt.Sprintf("%d.%d.0", major, minor),
		product: product, number: 100*major + minor,
	}
	if version >= minValkey {
		t.Version.Family = Valkey
	}
	return t
}

// ParseTarget returns the target of that name: a release (redis-2.6 to
// redis-8.6, valkey-7.2 to valkey-9.1) or a version of the format (rdb-6 to
// rdb-15, rdb-80, rdb-81). Versions 14, 15 and 81 are known from development
// sources only.
func ParseTarget(name string) (Target, error) {
	if i := slices.IndexFunc(targets, func(t Target) bool { return t.Name == name }); i >= 0 {
		return targets[i], nil
	}
	if digits, ok := strings.CutPrefix(name, "rdb-"); ok {
		if n, err := strconv.Atoi(digits); err == nil && strconv.Itoa(n) == digits {
			v := Version{Number: n}
			if n >= minValkey {
				v.Family = Valkey
			}
			if n >= oldest && v.Known() {
				return TargetOf(v), nil
			}
		}
	}
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.Name
	}
	return Target{}, fmt.Errorf("unknown target %q: one of %s, rdb-6 to rdb-15, rdb-80, rdb-81", name, strings.Join(names, ", "))
}

// TargetOf returns the target of format version v. What is older than version
// 6 is written as that: servers that read v read it too, except for their own
// contemporaries.
func TargetOf(v Version) Target {
	if v.Family == Redis && v.Number < oldest {
		v.Number = oldest
	}
	t := Target{Name: "rdb-" + strconv.Itoa(v.Number), Version: v, product: v.Family}
	for _, r := range targets {
		if r.Version == v && (t.number == 0 || r.product == Redis && r.number < t.number) {
			t.number, t.product = r.number, r.product
		}
	}
	if t.number == 0 { // newer than any release at hand
		t.number = 100 * v.Number
	}
	return t
}

// TargetOfRelease returns the target for the release that an aux field of a
// file names, such as "7.4.1" in redis-ver, if it is a known one that writes
// format version v.
func TargetOfRelease(v Version, product Family, release string) (Target, bool) {
	for _, t := range targets {
		if t.Version == v && t.product == product && strings.HasPrefix(release, strings.TrimSuffix(t.Release, "0")) {
			return t, true
		}
	}
	return Target{}, false
}

// Valkey reports whether the target is a Valkey server.
func (t *Target) Valkey() bool { return t.product == Valkey }

// AtLeast reports whether the target is that release of Redis, or a later one.
// A Valkey server counts as the release it was forked from: Redis 7.2.
func (t *Target) AtLeast(major, minor int) bool {
	n := t.number
	if t.product == Valkey {
		n = 702
	}
	return n >= 100*major+minor
}

// AtLeastValkey reports whether the target is that release of Valkey, or a
// later one.
func (t *Target) AtLeastValkey(major, minor int) bool {
	return t.product == Valkey && t.number >= 100*major+minor
}

// format returns the number of the version in the Redis family that has what
// both families share.
func (t *Target) format() int {
	if t.Version.Family == Valkey {
		return 11
	}
	return t.Version.Number
}

// HasFieldExpiry reports whether a hash field can have an expiry of its own.
func (t *Target) HasFieldExpiry() bool { return t.Version.Family == Valkey || t.Version.Number >= 12 }

// KeepsFieldExpiry reports whether a hash field can expire at that time, in
// Unix milliseconds. Redis loads no file with a field that expires later than
// 48 bits can tell, in the year 10889; Valkey takes any.
func (t *Target) KeepsFieldExpiry(at int64) bool {
	return t.HasFieldExpiry() && (t.Version.Family == Valkey || at <= maxFieldExpiry)
}

const maxFieldExpiry = 1<<48 - 2

// HasFunctions reports whether the target keeps function libraries.
func (t *Target) HasFunctions() bool { return t.format() >= 10 }

// HasVectorSets reports whether the target has vector sets. A version of the
// format counts as the newest release that writes it.
func (t *Target) HasVectorSets() bool {
	return t.Version.Family == Redis && t.product == Redis && (t.AtLeast(8, 0) || t.Release == "" && t.Version.Number >= 12)
}

// HasModules reports whether values and records of modules can be written.
func (t *Target) HasModules() bool { return t.format() >= 8 }

// StreamVersion returns the newest version of a stream record that the target
// reads, 0 if it has no streams.
func (t *Target) StreamVersion() int {
	switch f := t.format(); {
	case f >= 14:
		return 5
	case f == 13:
		return 4
	case f >= 11:
		return 3
	case f == 10:
		return 2
	case f == 9:
		return 1
	}
	return 0
}

// holdsType reports whether the target reads values of that type byte, in the
// meaning that the byte has in files of the family.
func (t *Target) holdsType(f Family, typ byte) bool {
	since := sinceVersion[typ]
	switch {
	case typ == typeHash2 || typ == typePathHash: // in the Redis family: of release candidates only
		return f == Valkey && t.Version.Family == Valkey && t.Version.Number >= since
	case typ == typeCron:
		return t.Version == Version{Number: since}
	case since > 11:
		return f == Redis && t.Version.Family == Redis && t.Version.Number >= since
	}
	return since > 0 && t.format() >= since
}

// sinceVersion is the version with which each type came. A server reads the
// types of all versions before its own.
var sinceVersion = [256]int{
	typeString: 1, typeList: 1, typeSet: 1, typeZSetText: 1, typeHash: 1, typeZSet: 8, typeModule: 8,
	typeHashZipmap: 2, typeListZiplist: 2, typeSetIntset: 2, typeZSetZiplist: 2, typeHashZiplist: 4,
	typeQuicklist: 7, typeStream1: 9, typeHashListpack: 10, typeZSetListpack: 10, typeQuicklist2: 10, typeStream2: 10,
	typeSetListpack: 11, typeStream3: 11, typeHash2: 80, typePathHash: 81, typeHashTTL: 12, typeHashListpackTTL: 12,
	typeStream4: 13, typeStream5: 14, typeArray: 14, typeTemplatePacked: 15, typeTemplatePackRef: 15,
	typeTemplateArray: 15, typeTemplateArrayRef: 15, typeCron: 9,
}
