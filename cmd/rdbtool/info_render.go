package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/olekukonko/tablewriter/tw"

	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/internal/table"
	"github.com/rdbtool/rdbtool/rdb"
)

// auxNumber returns the number in an aux field, 0 if there is none.
func auxNumber(s *rdb.Summary, name string) int64 {
	v, _ := s.AuxValue(name)
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// render writes the info as one screen of text.
func (r *info) render(w io.Writer) error {
	var b strings.Builder
	b.WriteString(printable(r.File) + "\n")
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-13s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("format", "%s", r.formatText())
	if r.Server != "" {
		line("written by", "%s", r.serverText())
	}
	if r.CreatedUnix > 0 {
		created := time.Unix(r.CreatedUnix, 0).UTC()
		line("created", "%s (%s)", created.Format("2006-01-02 15:04:05 UTC"), agoText(r.now.Sub(created)))
	}
	if r.UsedMemory > 0 {
		line("used memory", "%s", human.Bytes(r.UsedMemory))
	}
	if r.ReplID != "" {
		line("replication", "id %s, offset %s", printable(r.ReplID), printable(r.ReplOffset))
	}
	line("checksum", "%s", r.checksumText())
	if !r.Complete {
		line("incomplete", "the figures are of what could be read")
	}
	line("keys", "%s", r.keysText())
	if e := r.Expiry; r.Expires > 0 {
		line("expiring", "%s", joinCounts([]string{"past", "within an hour", "a day", "a week", "later"}, []int64{e.Past, e.Hour, e.Day, e.Week, e.Later}))
	}
	if r.WithLRU+r.WithLFU > 0 {
		line("eviction", "%s", joinCounts([]string{"keys with an idle time", "keys with a frequency"}, []int64{r.WithLRU, r.WithLFU}))
	}
	if r.Slots > 0 {
		line("cluster", "%s slots named", human.Thousands(int64(r.Slots)))
	}
	if len(r.Functions) > 0 {
		line("functions", "%s", r.functionsText())
	}
	if len(r.Modules) > 0 {
		line("modules", "%s", r.modulesText())
	}
	line("opcodes", "%s", r.opcodesText())
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	if len(r.DBs) > 1 {
		if err := r.renderDBs(w); err != nil {
			return err
		}
	}
	if len(r.Types) > 0 {
		return r.renderTypes(w)
	}
	return nil
}

func (r *info) formatText() string {
	text := fmt.Sprintf("RDB %s %d", r.Magic, r.Version)
	if r.Size > 0 {
		text += ", " + human.Bytes(r.Size)
	}
	if r.Packed != "" {
		text += " packed with " + r.Packed
		if r.Length > 0 {
			text += ", " + human.Bytes(r.Length) + " unpacked"
		}
	}
	return text
}

func (r *info) serverText() string {
	text := r.Server + " " + printable(r.ServerVersion)
	if r.Bits != "" {
		text += ", " + printable(r.Bits) + " bit"
	}
	if r.AOFBase {
		text += ", as the base of an append-only file"
	}
	return text
}

func (r *info) checksumText() string {
	switch r.Checksum {
	case rdb.ChecksumOK:
		return "holds"
	case rdb.ChecksumBad:
		return "does not hold: the file is damaged"
	case rdb.ChecksumDisabled:
		return "not computed by the writer (rdbchecksum no)"
	case rdb.ChecksumNone:
		return "none in this version"
	}
	return "unknown: the end of the file was not reached"
}

func (r *info) keysText() string {
	text := human.Thousands(r.Keys)
	if n := len(r.DBs); n > 1 {
		text += fmt.Sprintf(" in %d databases", n)
	} else if n == 1 && r.DBs[0].DB != 0 {
		text += fmt.Sprintf(" in database %d", r.DBs[0].DB)
	}
	if r.Expires > 0 {
		text += fmt.Sprintf(", %s with an expiry", human.Thousands(r.Expires))
	}
	return text
}

// maxNamed is how many names a line lists.
const maxNamed = 6

func (r *info) functionsText() string {
	var names []string
	for _, f := range r.Functions[:min(len(r.Functions), maxNamed)] {
		names = append(names, printable(f.Name))
	}
	return listText(names, len(r.Functions))
}

func (r *info) modulesText() string {
	var names []string
	for _, m := range r.Modules[:min(len(r.Modules), maxNamed)] {
		names = append(names, fmt.Sprintf("%s %d (%s keys, %s)", m.Name, m.Version, human.Thousands(m.Keys), human.Bytes(m.Bytes)))
	}
	return listText(names, len(r.Modules))
}

func (r *info) opcodesText() string {
	var names []string
	for _, o := range r.Opcodes {
		names = append(names, fmt.Sprintf("%s %s", o.Name, human.Thousands(o.Count)))
	}
	return strings.Join(names, ", ")
}

func listText(names []string, n int) string {
	text := strings.Join(names, ", ")
	if n > len(names) {
		text += fmt.Sprintf(" and %d more", n-len(names))
	}
	return text
}

// maxDBRows is how many databases the table shows.
const maxDBRows = 8

func (r *info) renderDBs(w io.Writer) error {
	t := table.New(w, tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight)
	t.Header("database", "keys", "with expiry", "bytes")
	for _, db := range r.DBs[:min(len(r.DBs), maxDBRows)] {
		t.Append(strconv.Itoa(db.DB), human.Thousands(db.Keys), human.Thousands(db.Expires), human.Bytes(db.Bytes))
	}
	if n := len(r.DBs) - maxDBRows; n > 0 {
		t.Append(fmt.Sprintf("%d more", n), "", "", "")
	}
	return t.Render()
}

func (r *info) renderTypes(w io.Writer) error {
	total := int64(0)
	for _, x := range r.Types {
		total += x.Bytes
	}
	t := table.New(w, tw.AlignLeft, tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight)
	t.Header("type", "encoding", "keys", "bytes", "share")
	for _, x := range r.Types {
		t.Append(x.Type, x.Encoding, human.Thousands(x.Keys), human.Bytes(x.Bytes), fmt.Sprintf("%.1f %%", 100*float64(x.Bytes)/float64(max(total, 1))))
	}
	return t.Render()
}

// joinCounts lists the counts that are not 0.
func joinCounts(names []string, counts []int64) string {
	var out []string
	for i, n := range counts {
		if n > 0 {
			out = append(out, names[i]+" "+human.Thousands(n))
		}
	}
	return strings.Join(out, ", ")
}

// agoText says how long ago something was.
func agoText(d time.Duration) string {
	unit := func(n int, name string) string {
		if n == 1 {
			return "1 " + name + " ago"
		}
		return fmt.Sprintf("%d %ss ago", n, name)
	}
	switch {
	case d < 0:
		return "in the future"
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return unit(int(d.Minutes()), "minute")
	case d < 48*time.Hour:
		return unit(int(d.Hours()), "hour")
	}
	return unit(int(d.Hours()/24), "day")
}

// printable makes text from a file safe for a terminal.
func printable(s string) string {
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}
