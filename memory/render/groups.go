package render

import (
	"fmt"

	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/memory"
)

// titles of the tables: what a group is called, alone and among others.
var titles = map[string][2]string{
	"pattern":  {"pattern", "patterns"},
	"prefix":   {"prefix", "prefixes"},
	"type":     {"type", "types"},
	"db":       {"database", "databases"},
	"encoding": {"encoding", "encodings"},
	"ttl":      {"time to live", "times to live"},
	"size":     {"size", "sizes"},
	"slot":     {"slot", "slots"},
	"idle":     {"idle time", "idle times"},
	"freq":     {"frequency", "frequencies"},
}

// title is what the groups of a table are called.
func title(by string, n int) string {
	t, ok := titles[by]
	switch {
	case !ok && n == 1:
		return inline(by, 20)
	case !ok:
		return "groups"
	case n == 1:
		return t[0]
	}
	return t[1]
}

// rest adds groups up to one, which has no largest key.
func rest(groups []memory.Group, files int) memory.Group {
	var sum memory.Group
	if files > 1 {
		sum.Files = make([]memory.Part, files)
	}
	for i := range groups {
		g := &groups[i]
		sum.Keys += g.Keys
		sum.Bytes += g.Bytes
		sum.Exact += g.Exact
		sum.Squares += g.Squares
		sum.NoExpiry.Keys += g.NoExpiry.Keys
		sum.Day.Bytes += g.Day.Bytes
		sum.Week.Bytes += g.Week.Bytes
		for f := range g.Files[:min(len(g.Files), files)] {
			if files > 1 {
				sum.Files[f].Bytes += g.Files[f].Bytes
			}
		}
	}
	return sum
}

// What a table without columns for files takes, and what such a column does.
// A narrow column of names is taken for granted: shards are compared first.
const (
	withoutFiles   = 55
	fileColumn     = 7
	maxFileColumns = 8
)

// groupColumns are the columns of the first groups of a table. What is most
// asked for stands first and goes last.
func (t *text) groupColumns(table *memory.Table, rows int) []column {
	shownGroups, more := table.Groups, 0
	if rows >= 0 && len(shownGroups) > rows+1 { // a row for one more is better spent on it
		shownGroups, more = shownGroups[:rows], len(shownGroups)-rows
	}
	r := t.r
	name := column{head: title(table.By, 1), left: true}
	keys := column{head: "keys", rank: 2}
	bytes := column{head: "memory"}
	bars := column{head: "±", rank: 1}
	part := column{head: "share"}
	average := column{head: "average", rank: 5}
	forever := column{head: "no expiry", rank: 4}
	largest := column{head: "largest key", rank: 6}
	week := column{head: "within 7 d", rank: 7}
	key := column{head: "which is", left: true, rank: 8}
	files := t.fileColumns()

	row := func(g *memory.Group) {
		estimate := estimated(r, g)
		keys.add(tilde(sampled(r), human.Thousands(g.Keys)))
		bytes.add(tilde(estimate, t.bytes(g.Bytes)))
		bars.add(barText(r, g))
		part.add(percent(share(g.Bytes, r.Total.Bytes)))
		average.add(tilde(estimate, t.bytes(mean(g.Bytes, g.Keys))))
		forever.add(percent(share(g.NoExpiry.Keys, g.Keys)))
		week.add(percent(share(g.Day.Bytes+g.Week.Bytes, g.Bytes)))
		for f := range files {
			files[f].add(t.fileShare(g, f, len(files)))
		}
	}
	for i := range shownGroups {
		g := &shownGroups[i]
		name.addName(g.Name)
		row(g)
		largest.add(t.keyBytes(&g.Largest, g.Exact != g.Bytes))
		key.addName(keyBytes(g.Largest.Key))
	}
	if more > 0 {
		g := rest(table.Groups[rows:], len(r.Files))
		name.add(fmt.Sprintf("%s more %s", human.Thousands(int64(more)), title(table.By, more)))
		row(&g)
		largest.add("")
		key.add("")
	}
	columns := []column{name, keys, bytes}
	if sampled(r) {
		columns = append(columns, bars)
	}
	columns = append(columns, part, average, forever)
	columns = append(columns, files...)
	return append(columns, week, largest, key)
}

// fileColumns are a column for each file, or one for the file that has the most.
func (t *text) fileColumns() []column {
	n := len(t.r.Files)
	if n < 2 {
		return nil
	}
	if n > min((t.width-withoutFiles)/fileColumn, maxFileColumns) {
		return []column{{head: "most in", rank: 3}}
	}
	columns := make([]column, n)
	for f := range columns {
		columns[f] = column{head: fmt.Sprintf("#%d", f+1), rank: 3}
	}
	return columns
}

// fileShare is the cell of column f of a group's files.
func (t *text) fileShare(g *memory.Group, f, columns int) string {
	if columns == len(t.r.Files) {
		if f >= len(g.Files) {
			return "-"
		}
		return round(share(g.Files[f].Bytes, g.Bytes))
	}
	most := -1
	for i, p := range g.Files {
		if most < 0 || p.Bytes > g.Files[most].Bytes {
			most = i
		}
	}
	if most < 0 {
		return "-"
	}
	return fmt.Sprintf("#%d %5s", most+1, round(share(g.Files[most].Bytes, g.Bytes)))
}

// keyBytes is the size of a key.
func (t *text) keyBytes(k *memory.Key, estimate bool) string {
	if k.Type == "" && k.Bytes == 0 {
		return "-"
	}
	return tilde(estimate, t.bytes(k.Bytes))
}
