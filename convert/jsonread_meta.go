package convert

import (
	"bytes"

	"github.com/rdbtool/rdbtool/entry"
)

// metaKind returns the kind of record that name is the type of.
func metaKind(name string) (entry.MetaKind, bool) {
	for k := entry.MetaHeader; k <= entry.MetaUpdate; k++ {
		if k.String() == name {
			return k, true
		}
	}
	return 0, false
}

// record reads the rest of an object about the file: the inverse of appendMeta.
func (r *JSONReader) record(kind entry.MetaKind) error {
	m := &r.meta
	*m = entry.Meta{Kind: kind}
	r.e.Meta = m
	var nums map[string]int // where a number goes
	switch kind {
	case entry.MetaHeader:
		nums = map[string]int{"version": 0}
	case entry.MetaModuleAux:
		nums = map[string]int{"when": 0}
	case entry.MetaResizeDB:
		nums = map[string]int{"keys": 0, "expires": 1}
	case entry.MetaSlotInfo:
		nums = map[string]int{"slot": 0, "keys": 1, "expires": 2}
	case entry.MetaHashTemplate:
		nums = map[string]int{"id": 0}
	}
	m.Nums = make([]uint64, len(nums))
	var moduleName string
	var version uint64
	for {
		more, err := r.in.More('}')
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if r.name, err = r.in.AppendName(r.name[:0]); err != nil {
			return err
		}
		name := string(r.name)
		at, isNum := nums[name]
		switch {
		case isNum:
			m.Nums[at], err = r.uint(1<<64 - 1)
		case kind == entry.MetaModuleAux && name == "name":
			r.text, err = r.in.AppendString(r.text[:0])
			moduleName = string(r.text)
		case kind == entry.MetaModuleAux && name == "version":
			version, err = r.uint(1023)
		case name == "db":
			var db uint64
			db, err = r.uint(1<<31 - 1)
			r.e.DB = int(db)
		case name == "slots":
			err = r.list(func() error {
				return r.list(func() error {
					n, err := r.uint(16383)
					m.Nums = append(m.Nums, n)
					return err
				})
			})
		case name == "fields":
			err = r.list(func() error {
				s, err := r.bytes(nil)
				m.Names = append(m.Names, s)
				return err
			})
		default:
			to := memberOf(m, name)
			if to == nil {
				err = r.in.Skip()
			} else {
				*to, err = r.bytes([]byte{})
			}
		}
		if err != nil {
			return err
		}
	}
	switch kind {
	case entry.MetaModuleAux:
		id, ok := entry.NewModuleID(moduleName, int(version))
		if !ok {
			return wrong("%q is no name of a module", moduleName)
		}
		m.Module = id
	case entry.MetaFunction:
		if bytes.HasPrefix(m.Value, []byte("#!")) { // Dump has found the name in the code
			m.Name, m.Engine = nil, nil
		}
	}
	return nil
}

// memberOf returns where the byte string of that name belongs, nil if nowhere.
func memberOf(m *entry.Meta, name string) *[]byte {
	switch name {
	case "magic", "name", "job":
		return &m.Name
	case "value", "code", "data", "command":
		return &m.Value
	case "engine":
		return &m.Engine
	case "description":
		return &m.Desc
	}
	return nil
}
