package render

import (
	"encoding/json"
	"io"

	"github.com/rdbtool/rdbtool/memory"
)

// writeJSON writes the report as Parse reads it. Lists without members are [],
// not null, which programs in other languages would have to expect.
func writeJSON(w io.Writer, r *memory.Report, o *Options) error {
	c := *r
	c.Files = list(c.Files)
	for i := range c.Files {
		if c.Files[i].Databases == nil {
			c.Files = append([]memory.File(nil), c.Files...)
			c.Files[i].Databases = []memory.Database{}
		}
	}
	c.Tables = list(c.Tables)
	for i := range c.Tables {
		if c.Tables[i].Groups == nil {
			c.Tables = append([]memory.Table(nil), c.Tables...)
			c.Tables[i].Groups = []memory.Group{}
		}
	}
	c.TopBytes, c.TopElements = list(c.TopBytes), list(c.TopElements)
	c.Sizes, c.TTLs = list(c.Sizes), list(c.TTLs)
	c.Findings = list(c.Findings)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if !o.Compact {
		e.SetIndent("", "  ")
	}
	return e.Encode(&c)
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
