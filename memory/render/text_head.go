package render

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/memory"
)

// maxPath is how much of a file's name is shown.
const maxPath = 60

// headLabel is what a label of the head takes.
const headLabel = 15

// head says whose memory it is, and how much.
func (t *text) head() block {
	r := t.r
	var b block
	line := func(name, text string) {
		b.lines = append(b.lines, t.indented(fmt.Sprintf("  %-*s", headLabel-2, name), text)...)
	}
	if len(r.Files) == 1 {
		b.title = inline(r.Files[0].Name, maxPath)
		line("file", fileText(&r.Files[0], t.units))
	} else {
		b.title = human.Count(int64(len(r.Files)), "file")
	}
	if r.Total.Keys == 0 {
		line("keys", "none")
	} else {
		line("keys", t.keysText())
	}
	if sampled(r) {
		line("sample", sampleText(r))
	}
	if len(r.Files) == 0 {
		return b
	}
	if server, same := t.server(); same {
		line("server", server)
	} else {
		line("server", "not the same for all files")
	}
	if len(r.Files) == 1 {
		for i, s := range t.account(&r.Files[0].Account) {
			line([]string{"used memory", ""}[min(i, 1)], s)
		}
	}
	return b
}

// fileText is what a file is.
func fileText(f *memory.File, u units) string {
	format := f.Version
	if format == "" {
		format = strings.ToUpper(f.Kind)
	}
	parts := []string{inline(format, 30)}
	if f.FileBytes > 0 {
		parts = append(parts, u.said(f.FileBytes))
	}
	if f.Writer != "" {
		parts = append(parts, "by "+inline(f.Writer, 40))
	}
	if f.SavedAt > 0 {
		parts = append(parts, timeText(f.SavedAt))
	}
	return strings.Join(parts, ", ")
}

func (t *text) keysText() string {
	g := &t.r.Total
	s := tilde(sampled(t.r), human.Thousands(g.Keys))
	if n := databases(t.r); n > 1 {
		s += fmt.Sprintf(" in %d databases", n)
	}
	s += ", " + tilde(estimated(t.r, g), t.said(g.Bytes))
	if sampled(t.r) {
		s += " " + barText(t.r, g)
	}
	s += " by MEMORY USAGE"
	if sampled(t.r) || g.Exact == g.Bytes {
		return s
	}
	return s + fmt.Sprintf(", %s to the byte", percent(share(g.Exact, g.Bytes)))
}

// databases counts the databases that have keys.
func databases(r *memory.Report) int {
	var dbs []int
	for i := range r.Files {
		for _, d := range r.Files[i].Databases {
			if d.Keys > 0 && !slices.Contains(dbs, d.DB) {
				dbs = append(dbs, d.DB)
			}
		}
	}
	return len(dbs)
}

func sampleText(r *memory.Report) string {
	rate := percent(r.Sample)
	if n := math.Round(1 / r.Sample); math.Abs(n*r.Sample-1) < 1e-9 {
		rate = "1 in " + human.Thousands(int64(min(n, 1e15)))
	}
	return rate + " keys looked at, figures scaled up; ± is the standard error"
}

// server says whose memory is meant and how that is known, and whether it is
// the same for all files.
func (t *text) server() (string, bool) {
	s := serverText(&t.r.Files[0])
	for i := range t.r.Files {
		if serverText(&t.r.Files[i]) != s {
			return "", false
		}
	}
	return s, true
}

func serverText(f *memory.File) string {
	s := inline(f.Server, 30)
	switch f.ServerFrom {
	case memory.Asked:
		s += " (as asked)"
	case memory.FromFile:
		s += " (by the file)"
	case memory.Nearest:
		s += " (the nearest with a model)"
	case memory.Assumed:
		s += " (assumed)"
	}
	if f.State == "loaded" {
		s += " just loaded"
	}
	s += ", " + inline(f.Allocator, 30)
	switch f.AllocatorFrom {
	case memory.Asked:
		s += " (as asked)"
	case memory.FromUsedMemory:
		s += " (by used_memory)"
	case memory.Assumed:
		s += " (assumed)"
	}
	return s
}

// account says what used_memory is made of, and how it compares with what the
// file says of it.
func (t *text) account(a *memory.Account) []string {
	if a.Total <= 0 {
		return nil
	}
	s := "~" + t.said(a.Total) + ": data " + t.said(max(0, a.Dataset)) + ", tables " + t.said(a.Tables)
	if share(a.Functions, a.Total) > 0.001 {
		s += ", functions " + t.said(a.Functions)
	}
	if other := a.Total - a.Dataset - a.Tables - a.Functions; other > 0 {
		s += ", server ~" + t.said(other)
	}
	if a.UsedMemory <= 0 {
		return []string{s}
	}
	return []string{s, t.residual(a)}
}

func (t *text) residual(a *memory.Account) string {
	s := t.said(a.UsedMemory) + " when saved"
	apart := a.Residual
	if apart < 0 {
		apart = -max(apart, -math.MaxInt64)
	}
	part := ""
	if x := share(apart, a.UsedMemory); x < 10 {
		part = " (" + percent(x) + ")"
	}
	switch {
	case a.Residual > 0:
		return s + ", " + t.said(apart) + part + " more: buffers and the like"
	case a.Residual < 0:
		return s + ", " + t.said(apart) + part + " less"
	}
	return s + ", the same"
}

// files is the table of several files, and how even they are.
func (t *text) files() (block, error) {
	r := t.r
	number := column{head: "#"}
	name := column{head: "file", left: true}
	keys := column{head: "keys", rank: 2}
	bytes := column{head: "memory"}
	part := column{head: "share"}
	used := column{head: "used memory", rank: 3}
	saved := column{head: "when saved", rank: 4}
	server := column{head: "server", left: true, rank: 5}

	order := make([]int, len(r.Files))
	for i := range order {
		order[i] = i
	}
	more := 0
	if t.o.Rows >= 0 && len(order) > maxFiles+1 {
		slices.SortStableFunc(order, func(a, b int) int { return cmpDesc(r.Files[a].Bytes, r.Files[b].Bytes) })
		order, more = order[:maxFiles], len(order)-maxFiles
	}
	estimate := estimated(r, &r.Total)
	left, leftKeys := r.Total.Bytes, r.Total.Keys
	for _, i := range order {
		f := &r.Files[i]
		number.add(fmt.Sprint(i + 1))
		name.addName(f.Name)
		keys.add(tilde(sampled(r), human.Thousands(f.Keys)))
		bytes.add(tilde(estimate, t.bytes(f.Bytes)))
		part.add(percent(share(f.Bytes, r.Total.Bytes)))
		used.add("~" + t.bytes(f.Account.Total))
		if f.Account.UsedMemory > 0 {
			saved.add(t.bytes(f.Account.UsedMemory))
		} else {
			saved.add("-")
		}
		server.addWords(f.Server)
		left, leftKeys = left-f.Bytes, leftKeys-f.Keys
	}
	if more > 0 {
		number.add("")
		name.add(human.Count(int64(more), "more file"))
		keys.add(tilde(sampled(r), human.Thousands(leftKeys)))
		bytes.add(tilde(estimate, t.bytes(left)))
		part.add(percent(share(left, r.Total.Bytes)))
		used.add("")
		saved.add("")
		server.add("")
	}
	columns := []column{number, name, keys, bytes, part, used, saved}
	if _, same := t.server(); !same {
		columns = append(columns, server)
	}
	lines, err := grid(t.width, columns)
	if err != nil {
		return block{}, err
	}
	return block{head: true, lines: append(lines, t.indented(" ", t.balance())...)}, nil
}

func cmpDesc(a, b int64) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

// balance compares the files.
func (t *text) balance() string {
	files := t.r.Files
	small, large, total := 0, 0, 0.0
	for i := range files {
		if files[i].Bytes < files[small].Bytes {
			small = i
		}
		if files[i].Bytes > files[large].Bytes {
			large = i
		}
		total += float64(files[i].Bytes)
	}
	average := total / float64(len(files))
	s := fmt.Sprintf("balance: largest #%d %s, smallest #%d %s, mean %s", large+1, t.said(files[large].Bytes), small+1, t.said(files[small].Bytes), t.said(int64(average)))
	if average > 0 {
		s += fmt.Sprintf("; the largest is %.2f times the mean", float64(files[large].Bytes)/average)
	}
	return s
}
