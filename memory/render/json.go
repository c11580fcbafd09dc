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
	c.Files = append([]memory.File{}, c.Files...)
	for i := range c.Files {
		c.Files[i].Databases = list(c.Files[i].Databases)
	}
	c.Tables = append([]memory.Table{}, c.Tables...)
	for i := range c.Tables {
		c.Tables[i].Groups = list(c.Tables[i].Groups)
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
