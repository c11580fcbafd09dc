package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify"
	"github.com/rdbtool/rdbtool/verify/render"
)

// tableRenderer writes the findings of each file, a line each, then what the
// file came to:
//
//	error listpack-entry: dump.rdb: offset 0x1f40: db 0 key "user:17": listpack element 12: ...
//	dump.rdb: damaged, 1 error, 1,000 keys, REDIS0012, checksum mismatch, 1.1 KiB in 0.0 s
type tableRenderer struct {
	w       io.Writer
	several bool // a summary is due
}

func (t *tableRenderer) File(f *render.File) error {
	var b strings.Builder
	for i := range f.Findings {
		x := &f.Findings[i]
		fmt.Fprintf(&b, "%s %s: %s\n", x.Severity, x.Code, oneLine(x.String()))
	}
	if f.Omitted > 0 {
		fmt.Fprintf(&b, "... and %s; --max-findings lists more\n", human.Count(f.Omitted, "finding"))
	}
	fmt.Fprintf(&b, "%s: %s\n", oneLine(f.File), strings.Join(verdictParts(f), ", "))
	_, err := io.WriteString(t.w, b.String())
	return err
}

// oneLine makes text safe for a terminal and leaves quotes as they are.
func oneLine(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(printable(s), `\"`, `"`), `\\`, `\`)
}

// verdictParts are what the last line about a file says.
func verdictParts(f *render.File) []string {
	x := &f.Facts
	parts := []string{string(f.Verdict())}
	if f.Failed != nil {
		return append(parts, oneLine(f.Failed.Error()))
	}
	if n := f.Count(verify.Error); n > 0 {
		parts = append(parts, human.Count(n, "error"))
	}
	if n := f.Count(verify.Warning); n > 0 {
		parts = append(parts, human.Count(n, "warning"))
	}
	if f.Kind == verify.KindAOF {
		parts = append(parts, human.Count(x.Commands, "command"))
	}
	if f.Kind == verify.KindRDB || x.Version != (rdb.Version{}) {
		parts = append(parts, human.Count(x.Keys, "key"))
	}
	if x.Version != (rdb.Version{}) {
		parts = append(parts, x.Version.String())
	}
	if x.Checksum != "" {
		parts = append(parts, "checksum "+string(x.Checksum))
	}
	if x.SignedWith != "" {
		parts = append(parts, "signed with "+x.SignedWith)
	}
	for _, l := range f.Loads {
		if l.Loads == verify.Yes {
			parts = append(parts, "loads on "+l.Target.Name)
		}
	}
	if len(f.Loads) > 0 && f.Level < verify.Deep {
		parts = append(parts, "as far as level "+f.Level.String()+" can tell")
	}
	size := max(x.Bytes, f.Size)
	if size < 0 {
		return parts
	}
	return append(parts, fmt.Sprintf("%s in %s", human.Bytes(size), secondsText(f.Elapsed)))
}

func secondsText(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func (t *tableRenderer) End(s *render.Summary) error {
	if !t.several {
		return nil
	}
	var parts []string
	for _, v := range []verify.Verdict{verify.OK, verify.Warned, verify.NotKnown, verify.Unmet, verify.Damaged, verify.Unreadable} {
		if n := s.Verdicts[v]; n > 0 {
			parts = append(parts, human.Thousands(int64(n))+" "+verdictText(v))
		}
	}
	text := human.Count(int64(s.Files), "file")
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if s.InLogs > 0 {
		text += fmt.Sprintf("; %s verified in their logs", human.Count(int64(s.InLogs), "file"))
	}
	if s.PassedOver > 0 {
		text += fmt.Sprintf("; %s passed over", human.Count(int64(s.PassedOver), "other file"))
	}
	_, err := fmt.Fprintln(t.w, text)
	return err
}

func verdictText(v verify.Verdict) string {
	if v == verify.Warned {
		return "with warnings"
	}
	return string(v)
}
