package convert

import (
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/jsonstr"
	"github.com/rdbtool/rdbtool/rdb"
)

// appendMeta appends a record that is not a key, as an object whose type is
// what the record is about. Formats without room for it leave it out.
func (c *chunk) appendMeta(e *entry.Entry) {
	if c.d.opts.Format != NDJSON && c.d.opts.Format != JSON || e.Meta.Kind == entry.MetaSelectDB {
		return
	}
	m := e.Meta
	c.begin()
	c.raw(`{"type":"`)
	c.raw(m.Kind.String())
	c.raw(`"`)
	switch m.Kind {
	case entry.MetaHeader:
		c.text("magic", m.Name)
		c.nums(m, "version")
	case entry.MetaAux:
		c.raw(`,"name":`)
		c.buf = jsonstr.Append(c.buf, m.Name) // a name of the format, no data: no rule hides it
		c.text("value", m.Value)
	case entry.MetaFunction:
		c.function(m)
	case entry.MetaModuleAux:
		c.raw(`,"name":"` + m.Module.Name() + `","version":`)
		c.int(int64(m.Module.Version()))
		c.nums(m, "when")
		c.text("data", m.Value)
	case entry.MetaResizeDB:
		c.raw(`,"db":`)
		c.int(int64(e.DB))
		c.nums(m, "keys", "expires")
	case entry.MetaSlotInfo:
		c.nums(m, "slot", "keys", "expires")
	case entry.MetaSlotImport:
		c.text("job", m.Name)
		for i := 0; i+1 < len(m.Nums); i += 2 {
			c.raw(separator(i, `,"slots":[[`, `,[`))
			c.uint(m.Nums[i])
			c.raw(`,`)
			c.uint(m.Nums[i+1])
			c.raw(`]`)
		}
		if len(m.Nums) > 1 {
			c.raw(`]`)
		}
	case entry.MetaHashTemplate:
		c.nums(m, "id")
		c.raw(`,"fields":`)
		c.list(m.Names)
	case entry.MetaUpdate:
		c.raw(`,"db":`)
		c.int(int64(e.DB))
		c.text("command", m.Value)
	}
	c.end()
}

func (c *chunk) text(name string, s []byte) {
	c.raw(`,"` + name + `":`)
	c.str(s)
}

func (c *chunk) nums(m *entry.Meta, names ...string) {
	for i, name := range names {
		if i < len(m.Nums) {
			c.raw(`,"` + name + `":`)
			c.uint(m.Nums[i])
		}
	}
}

// function appends a function library.
func (c *chunk) function(m *entry.Meta) {
	name, engine := m.Name, m.Engine
	if name == nil {
		name, engine = rdb.FunctionLibrary(m.Value)
	}
	if name != nil {
		c.text("name", name)
	}
	if engine != nil {
		c.text("engine", engine)
	}
	if m.Desc != nil {
		c.text("description", m.Desc)
	}
	c.text("code", m.Value)
}
