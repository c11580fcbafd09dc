package render

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/rdbtool/rdbtool/verify"
)

// githubRenderer writes workflow commands of GitHub Actions:
//
//	::error file=dump.rdb,title=listpack-entry::offset 0x1f40: db 0 key "user:17": ...
//
// and, as plain text for the log of the job, a line for each file. GitHub shows
// ten annotations of a kind for a step; the log has them all.
type githubRenderer struct{ w *bufio.Writer }

// dataEscaper escapes the message of a workflow command, propertyEscaper the
// values before it.
var (
	dataEscaper     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscaper = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// plainText makes text fit for a line of the log: "##[" begins a command
// wherever it stands.
func plainText(s string) string { return strings.ReplaceAll(clean(s), "##[", `#\x23[`) }

func (g *githubRenderer) File(f *File) error {
	for i := range f.Findings {
		x := &f.Findings[i]
		if err := g.command(commandOf(x.Severity), x.File, string(x.Code), where(x)); err != nil {
			return err
		}
	}
	if f.Failed != nil {
		if err := g.command("error", f.File, "read", f.Failed.Error()); err != nil {
			return err
		}
	}
	if f.Omitted > 0 {
		if err := g.command("notice", f.File, "rdbtool verify", more(f)); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(g.w, "verified %s: %s\n", plainText(f.File), plainText(headline(f))); err != nil {
		return err
	}
	return g.w.Flush()
}

func commandOf(s verify.Severity) string {
	switch s {
	case verify.Notice:
		return "notice"
	case verify.Warning:
		return "warning"
	}
	return "error"
}

func (g *githubRenderer) command(name, file, title, text string) error {
	_, err := fmt.Fprintf(g.w, "::%s file=%s,title=%s::%s\n", name, propertyEscaper.Replace(clean(file)), propertyEscaper.Replace(title), dataEscaper.Replace(clean(text)))
	return err
}

func (g *githubRenderer) End(s *Summary) error {
	if _, err := fmt.Fprintf(g.w, "verified %s: exit code %d\n", numbered(int64(s.Files), "file"), s.ExitCode); err != nil {
		return err
	}
	return g.w.Flush()
}
