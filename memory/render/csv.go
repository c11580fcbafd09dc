package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/rdbtool/rdbtool/memory"
)

// writeCSV writes the tables, a line for each group. Where there are several, the
// first column says which. Numbers are exact, names as they stand in the report.
func writeCSV(w io.Writer, r *memory.Report) error {
	c := csv.NewWriter(w)
	fields := csvFields(r)
	head := []string{"name"}
	for _, f := range fields {
		head = append(head, f.name)
	}
	several := len(r.Tables) > 1
	if several {
		head = append([]string{"table"}, head...)
	}
	if err := c.Write(head); err != nil {
		return err
	}
	var line []string
	for i := range r.Tables {
		t := &r.Tables[i]
		for j := range t.Groups {
			line = line[:0]
			if several {
				line = append(line, t.By)
			}
			line = append(line, t.Groups[j].Name)
			for _, f := range fields {
				line = append(line, f.text(&t.Groups[j]))
			}
			if err := c.Write(line); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

// csvField is a column of the CSV.
type csvField struct {
	name string
	text func(*memory.Group) string
}

// csvFields are the columns after the name. What the report does not have of any
// group has no column.
func csvFields(r *memory.Report) []csvField {
	var out []csvField
	number := func(name string, f func(*memory.Group) int64) {
		out = append(out, csvField{name, func(g *memory.Group) string { return strconv.FormatInt(f(g), 10) }})
	}
	part := func(name string, f func(*memory.Group) memory.Part) {
		number(name+"_keys", func(g *memory.Group) int64 { return f(g).Keys })
		number(name+"_bytes", func(g *memory.Group) int64 { return f(g).Bytes })
	}
	number("keys", func(g *memory.Group) int64 { return g.Keys })
	number("elements", func(g *memory.Group) int64 { return g.Elements })
	number("bytes", func(g *memory.Group) int64 { return g.Bytes })
	number("exact_bytes", func(g *memory.Group) int64 { return g.Exact })
	if sampled(r) {
		out = append(out, csvField{"standard_error", func(g *memory.Group) string {
			return strconv.FormatFloat(Deviation(r, g), 'f', 0, 64)
		}})
	}
	number("data_bytes", func(g *memory.Group) int64 { return g.Data })
	number("name_bytes", func(g *memory.Group) int64 { return g.Names })
	number("content_bytes", func(g *memory.Group) int64 { return g.Content })
	number("stored_bytes", func(g *memory.Group) int64 { return g.Stored })
	part("no_expiry", func(g *memory.Group) memory.Part { return g.NoExpiry })
	part("expired", func(g *memory.Group) memory.Part { return g.Expired })
	part("day", func(g *memory.Group) memory.Part { return g.Day })
	part("week", func(g *memory.Group) memory.Part { return g.Week })
	part("later", func(g *memory.Group) memory.Part { return g.Later })
	access := func(name string, f func(*memory.Group) *memory.Access) {
		if f(&r.Total) == nil {
			return
		}
		for i, heat := range []string{"hot", "warm", "cool", "cold"} {
			part(name+"_"+heat, func(g *memory.Group) memory.Part {
				a := f(g)
				if a == nil {
					return memory.Part{}
				}
				return []memory.Part{a.Hot, a.Warm, a.Cool, a.Cold}[i]
			})
		}
	}
	access("idle", func(g *memory.Group) *memory.Access { return g.Idle })
	access("freq", func(g *memory.Group) *memory.Access { return g.Freq })
	part("packable", func(g *memory.Group) memory.Part { return g.Packable })
	part("compressible", func(g *memory.Group) memory.Part { return g.Compressible })
	number("folded_patterns", func(g *memory.Group) int64 { return g.Folded })
	number("largest_bytes", func(g *memory.Group) int64 { return g.Largest.Bytes })
	out = append(out, csvField{"largest_type", func(g *memory.Group) string { return g.Largest.Type }},
		csvField{"largest_key", func(g *memory.Group) string { return g.Largest.Key }})
	if len(r.Files) > 1 {
		for i := range r.Files {
			part(fmt.Sprintf("file%d", i+1), func(g *memory.Group) memory.Part {
				if i < len(g.Files) {
					return g.Files[i]
				}
				return memory.Part{}
			})
		}
	}
	return out
}
