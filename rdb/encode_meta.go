package rdb

import (
	"strings"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// AppendMeta appends a record that is no key, in the form that the target
// knows. Nothing is appended for what the Writer writes by itself (header,
// database numbers and sizes), for what is not true of the new file, and for
// what the target does not know; if that was data, it is a loss.
func (x *Encoder) AppendMeta(dst []byte, e *entry.Entry) ([]byte, error) {
	x.e, x.out, x.err, x.payload = e, dst, nil, true
	t, m := &x.o.Target, e.Meta
	if reason := x.wrongMeta(m); reason != "" {
		return x.out, x.corrupt(reason)
	}
	redis := t.Version.Family == Redis
	switch m.Kind {
	case entry.MetaAux:
		x.aux(m)
	case entry.MetaFunction:
		switch {
		case m.Name != nil:
			x.lose(LostOldFunction, 1)
		case !t.HasFunctions():
			x.lose(LostFunction, 1)
		default:
			x.out = append(x.out, opFunction)
			x.text(m.Value)
		}
	case entry.MetaModuleAux:
		if t.format() < 9 {
			x.lose(LostModuleAux, 1)
			break
		}
		x.out = rdbwire.AppendLength(append(x.out, opModuleAux), uint64(m.Module))
		x.out = rdbwire.AppendItemUint(x.out, m.Nums[0])
		x.out = append(x.out, m.Value...)
	case entry.MetaSlotInfo:
		if x.o.Whole {
			x.nums(opSlotInfo, m.Nums)
		}
	case entry.MetaSlotImport:
		if redis {
			x.lose(LostSlotImport, 1)
			break
		}
		x.out = append(x.out, opSlotImport)
		x.text(m.Name)
		x.out = rdbwire.AppendLength(x.out, uint64(len(m.Nums)/2))
		x.lengths(m.Nums)
	case entry.MetaHashTemplate:
		if redis && t.Version.Number >= 15 {
			x.nums(opHashTemplate, m.Nums)
			x.out = rdbwire.AppendLength(x.out, uint64(len(m.Names)))
			for _, name := range m.Names {
				x.text(name)
			}
		}
	case entry.MetaUpdate:
		if redis || t.Version.Number < 81 {
			x.lose(LostUpdate, 1)
			break
		}
		x.out = append(append(x.out, opUpdate), m.Value...)
	}
	return x.out, x.err
}

// wrongMeta tells why no server would read a record, "" if it would: what comes
// from JSON, or from a program, may be anything.
func (x *Encoder) wrongMeta(m *entry.Meta) string {
	switch m.Kind {
	case entry.MetaModuleAux:
		if len(m.Nums) != 1 || !moduleItems(m.Value) {
			return "a module aux record is not made of module items"
		}
	case entry.MetaSlotInfo:
		if len(m.Nums) != 3 {
			return "a slot info without its three numbers"
		}
	case entry.MetaSlotImport:
		if len(m.Nums)%2 != 0 || len(m.Nums) > 2*maxSlots {
			return "a slot import without ranges"
		}
		for i := 0; i < len(m.Nums); i += 2 {
			if first, last := m.Nums[i], m.Nums[i+1]; first > last || last >= maxSlots {
				return "a slot import of slots that do not exist"
			}
		}
	case entry.MetaHashTemplate:
		if len(m.Nums) != 1 || len(m.Names) == 0 {
			return "a hash template without fields"
		}
	case entry.MetaUpdate:
		p := parser{b: m.Value}
		if err := new(heads).update(&p); err != nil || p.err != nil || p.n != len(m.Value) {
			return "a saved command is no array of strings"
		}
	}
	return ""
}

// moduleItems reports whether b is a sequence of module items with its end.
func moduleItems(b []byte) bool {
	n, _, _, err := rdbwire.SkipModule(b)
	return err == nil && n == len(b)
}

func (x *Encoder) nums(op byte, nums []uint64) {
	x.out = append(x.out, op)
	x.lengths(nums)
}

func (x *Encoder) lengths(nums []uint64) {
	for _, n := range nums {
		x.out = rdbwire.AppendLength(x.out, n)
	}
}

// aux writes an aux field, if it says something that is true of the new file.
func (x *Encoder) aux(m *entry.Meta) {
	t := &x.o.Target
	f := t.format()
	if f < 7 {
		return
	}
	name, value := string(m.Name), m.Value
	switch name {
	case "redis-ver", "valkey-ver":
		if t.Release != "" {
			name, value = t.versionField(), []byte(t.Release)
		}
	case "aof-base", "aof-preamble":
		if name = t.baseField(); name == "" {
			return
		}
		value = []byte("0")
		if x.o.Base {
			value = []byte("1")
		}
	case "lua":
		if f < 8 || f >= 10 {
			x.lose(LostScript, 1)
			return
		}
	case "keydb-subexpire-key", "keydb-subexpire-when":
		if !t.holdsType(Redis, typeCron) {
			if name == "keydb-subexpire-when" {
				x.lose(LostMemberExpiry, 1)
			}
			return
		}
	default:
		if !x.o.Whole && (strings.HasPrefix(name, "repl-") || strings.HasPrefix(name, "cluster-") || ofSource[name]) {
			return
		}
	}
	x.out = appendAux(x.out, name, value)
}

// ofSource are fields that speak of the data set as a whole, or of the process
// that had it.
var ofSource = map[string]bool{
	"slot-info": true, "mvcc-tstamp": true, "df-ver": true, "snapshot-id": true, "shard-count": true, "shard-id": true, "table-mem": true,
	"used-mem": true,
}

// versionField is the name of the field for the release of the writer.
func (t *Target) versionField() string {
	if t.Valkey() {
		return "valkey-ver"
	}
	return "redis-ver"
}

// baseField is the name of the field that says whether a file is the first part of
// an append-only file, "" if the target has none.
func (t *Target) baseField() string {
	switch f := t.format(); {
	case f < 8:
		return ""
	case f < 10:
		return "aof-preamble"
	}
	return "aof-base"
}

func appendAux(dst []byte, name string, value []byte) []byte {
	dst = rdbwire.AppendText(append(dst, opAux), []byte(name))
	return rdbwire.AppendText(dst, value)
}
