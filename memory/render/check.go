package render

import (
	"fmt"
	"math"

	"github.com/rdbtool/rdbtool/memory"
)

// maxFigure is the largest number of keys or bytes: all that a double holds
// exactly, and room for sums of a thousand reports.
const maxFigure = 1 << 53

// checker keeps the first thing that is wrong.
type checker struct {
	r   *memory.Report
	err error
}

func (c *checker) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// figures must be numbers of keys or bytes.
func (c *checker) figures(what string, figures ...int64) {
	for _, n := range figures {
		if n < 0 || n > maxFigure {
			c.fail("%s: %d is no number of keys or bytes", what, n)
		}
	}
}

// shares of used_memory_dataset are less than nothing where keys take less than
// what their tables are charged with: integers that all keys share.
func (c *checker) shares(what string, figures ...int64) {
	for _, n := range figures {
		if n < -maxFigure || n > maxFigure {
			c.fail("%s: %d is no share of the data set", what, n)
		}
	}
}

// check holds a report against what every report is.
func check(r *memory.Report) error {
	c := &checker{r: r}
	if !(r.Sample > 0 && r.Sample <= 1) {
		c.fail("sample: %v is no share", r.Sample)
	}
	c.figures("max_patterns and top", int64(r.MaxPatterns), int64(r.Top))
	c.group("total", &r.Total)
	var keys, bytes int64
	for i := range r.Files {
		f := &r.Files[i]
		c.file(f)
		keys, bytes = add(keys, f.Keys), add(bytes, f.Bytes)
	}
	c.sums("files", keys, bytes)
	for i := range r.Tables {
		c.table(&r.Tables[i])
	}
	for i := range r.TopBytes {
		c.key("top_bytes", &r.TopBytes[i])
	}
	for i := range r.TopElements {
		c.key("top_elements", &r.TopElements[i])
	}
	c.bins("sizes", r.Sizes)
	c.bins("ttls", r.TTLs)
	for _, s := range r.Slots {
		c.figures("slots", s.Keys, s.Bytes)
		if s.Slot < 0 || s.Slot > 16383 {
			c.fail("slots: there is no slot %d", s.Slot)
		}
	}
	for i := range r.Findings {
		c.figures("findings", r.Findings[i].Keys, r.Findings[i].Bytes)
	}
	return c.err
}

// add is a sum that stays where it is too large.
func add(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// sums must be those of the report. The figures of a sample are rounded one by
// one.
func (c *checker) sums(what string, keys, bytes int64) {
	if !sampled(c.r) && (keys != c.r.Total.Keys || bytes != c.r.Total.Bytes) {
		c.fail("%s: %d keys of %d bytes, but %d keys of %d bytes in all", what, keys, bytes, c.r.Total.Keys, c.r.Total.Bytes)
	}
}

func (c *checker) file(f *memory.File) {
	a := &f.Account
	what := fmt.Sprintf("file %q", f.Name)
	c.figures(what, f.FileBytes, f.Keys, f.Bytes, a.Tables, a.Functions, a.Startup, a.Total, a.UsedMemory)
	c.shares(what+": dataset and residual", a.Dataset, a.Residual)
	for _, n := range a.TotalBy {
		c.figures(what, n)
	}
	for _, d := range f.Databases {
		c.figures(what, int64(d.DB), d.Keys, d.Expires, d.MainTable, d.Expiry)
	}
}

func (c *checker) table(t *memory.Table) {
	if t.By == "" {
		c.fail("tables: one does not say what it is by")
	}
	var keys, bytes int64
	for i := range t.Groups {
		g := &t.Groups[i]
		c.group(t.By, g)
		keys, bytes = add(keys, g.Keys), add(bytes, g.Bytes)
	}
	c.sums("table by "+t.By, keys, bytes)
}

func (c *checker) group(what string, g *memory.Group) {
	what = fmt.Sprintf("%s %q", what, g.Name)
	c.figures(what, g.Keys, g.Elements, g.Bytes, g.Exact, g.Names, g.Content, g.Stored, g.Folded)
	c.shares(what, g.Data)
	if g.Exact > g.Bytes {
		c.fail("%s: %d of %d bytes are exact", what, g.Exact, g.Bytes)
	}
	if !(g.Squares >= 0 && g.Squares <= math.MaxFloat64) {
		c.fail("%s: squares add up to %v", what, g.Squares)
	}
	if n := len(g.Files); n != 0 && n != len(c.r.Files) {
		c.fail("%s: parts of %d files, the report has %d", what, n, len(c.r.Files))
	}
	parts := []memory.Part{g.NoExpiry, g.Expired, g.Day, g.Week, g.Later, g.Packable, g.Compressible}
	for _, a := range []*memory.Access{g.Idle, g.Freq} {
		if a != nil {
			parts = append(parts, a.Hot, a.Warm, a.Cool, a.Cold)
		}
	}
	parts = append(parts, g.Files...)
	for _, p := range parts {
		c.figures(what, p.Keys, p.Bytes)
		if !sampled(c.r) && p.Keys > g.Keys {
			c.fail("%s: %d of %d keys", what, p.Keys, g.Keys)
		}
	}
	c.key(what, &g.Largest)
}

func (c *checker) key(what string, k *memory.Key) {
	c.figures(what, int64(k.DB), k.Bytes, k.Elements)
	if k.File < 0 || k.File >= max(len(c.r.Files), 1) {
		c.fail("%s: key %q is of file %d, there are %d", what, k.Key, k.File, len(c.r.Files))
	}
	if k.ExpireAt < -1 {
		c.fail("%s: key %q expires at %d", what, k.Key, k.ExpireAt)
	}
}

func (c *checker) bins(what string, bins []memory.Bin) {
	for i, b := range bins {
		c.figures(what, b.Keys, b.Bytes)
		if i > 0 && b.From <= bins[i-1].From {
			c.fail("%s: column %d does not begin after the one before it", what, i)
		}
	}
}
