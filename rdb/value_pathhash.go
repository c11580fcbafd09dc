package rdb

// pathHashValue is the cursor of a path hash (Valkey 9.2):
//
//	len n, n x ( str path, len m, m x ( str field, str value ) )
type pathHashValue struct {
	cursor
	paths  uint64 // to come
	fields uint64 // to come in this path
	path   []byte
}

func (v *pathHashValue) begin(d *decoder) error {
	v.start(d)
	v.fields = 0
	d.e.Value = v
	return d.parse(func(p *parser) { v.paths = p.length() })
}

func (v *pathHashValue) Next() bool {
	if v.err != nil {
		return false
	}
	if v.fields == 0 {
		if v.paths == 0 {
			return v.end()
		}
		v.paths--
		v.err = v.d.parse(func(p *parser) {
			v.path = append(v.path[:0], p.text()...)
			if v.fields = p.length(); p.err == nil && v.fields == 0 {
				p.failf("path without fields")
			}
		})
		if v.err != nil {
			return false
		}
	}
	v.fields--
	v.err = v.d.parse(func(p *parser) {
		v.elem.Path, v.elem.Data, v.elem.Value = v.path, p.text(), p.text()
	})
	v.index++
	return v.err == nil
}
