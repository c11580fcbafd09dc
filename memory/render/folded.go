package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/rdbtool/rdbtool/memory"
	"github.com/rdbtool/rdbtool/memory/pattern"
)

// stacks is the table whose groups are stacks: the first by pattern or prefix,
// or the first of all.
func stacks(r *memory.Report) *memory.Table {
	for i := range r.Tables {
		if by := r.Tables[i].By; by == "pattern" || by == "prefix" {
			return &r.Tables[i]
		}
	}
	if len(r.Tables) > 0 {
		return &r.Tables[0]
	}
	return &memory.Table{}
}

// splitter returns what takes the name of a group apart.
func splitter(t *memory.Table) func(string) []string {
	if t.By == "pattern" || t.By == "prefix" {
		return pattern.Path
	}
	return func(name string) []string { return []string{name} }
}

// writeFolded writes a line for each group, which flamegraph.pl, speedscope and
// others read: its parts with semicolons between them, and its bytes.
func writeFolded(w io.Writer, r *memory.Report) error {
	t := stacks(r)
	return foldGroups(w, t.Groups, splitter(t))
}

func foldGroups(w io.Writer, groups []memory.Group, split func(string) []string) error {
	b := bufio.NewWriter(w)
	for i := range groups {
		g := &groups[i]
		frames := split(g.Name)
		for i, part := range frames {
			if i > 0 {
				b.WriteByte(';')
			}
			b.WriteString(frame(part))
		}
		if len(frames) == 0 {
			b.WriteString(frame(""))
		}
		fmt.Fprintf(b, " %d\n", g.Bytes)
	}
	return b.Flush()
}

// frame is a part of a name as a frame. The form knows no quotes: what would end
// a frame or a line stands as an escape.
func frame(part string) string {
	if part == "" {
		return `""`
	}
	return strings.NewReplacer(";", `\x3b`, " ", `\x20`).Replace(inline(part, maxShown))
}
