// Package render writes what verify found in forms that other programs read.
//
//	JSON    one document: see Document
//	JUnit   a testsuite for each file, a testcase for each check
//	SARIF   2.1.0, a result for each finding
//	GitHub  workflow commands, which become annotations
//
// Everything is written file by file, so that nothing but the findings of one
// file is held. Names and keys are bytes that somebody else chose: no form lets
// them end a string, begin a command or hide a line.
package render

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rdbtool/rdbtool/verify"
)

// File is what is to be told of a file, or of the files of a log.
type File struct {
	*verify.Report
	Size     int64  // on disk, -1 if unknown
	Packed   string // what it is packed with, "" if it is plain
	Elapsed  time.Duration
	Loads    []verify.LoadVerdict
	Outcomes []verify.Outcome
}

// Summary is what all files come to.
type Summary struct {
	Files      int                    `json:"files"`
	Verdicts   map[verify.Verdict]int `json:"verdicts"`
	Findings   map[string]int64       `json:"findings"` // by severity
	Omitted    int64                  `json:"omitted_findings,omitempty"`
	Keys       int64                  `json:"keys"`
	Bytes      int64                  `json:"bytes"`
	PassedOver int                    `json:"passed_over,omitempty"` // files in folders that are none of ours
	InLogs     int                    `json:"verified_in_their_log,omitempty"`
	Refusing   []string               `json:"refusing_targets,omitempty"`
	ExitCode   int                    `json:"exit_code"`
	Elapsed    time.Duration          `json:"-"`
}

// severities are all of them, the worst first.
var severities = []verify.Severity{verify.Error, verify.Unsupported, verify.Warning, verify.Notice}

// Add counts a file.
func (s *Summary) Add(f *File) {
	if s.Verdicts == nil {
		s.Verdicts, s.Findings = map[verify.Verdict]int{}, map[string]int64{}
	}
	s.Files++
	s.Verdicts[f.Verdict()]++
	for _, sev := range severities {
		if n := f.Count(sev); n > 0 {
			s.Findings[sev.String()] += n
		}
	}
	s.Omitted += f.Omitted
	s.Keys += f.Facts.Keys
	s.Bytes += f.Facts.Bytes
	for _, l := range f.Loads {
		if l.Loads == verify.No && !slices.Contains(s.Refusing, l.Target.Name) {
			s.Refusing = append(s.Refusing, l.Target.Name)
		}
	}
	slices.Sort(s.Refusing)
}

// Renderer writes what is found, file by file.
type Renderer interface {
	// File writes what was found in a file. It keeps nothing of it.
	File(f *File) error
	// End writes what comes behind the last file.
	End(s *Summary) error
}

// Run is what all files have in common.
type Run struct {
	Version string // of rdbtool
	Level   verify.Level
	Strict  bool
}

// Formats are the names that New knows.
func Formats() []string { return []string{"json", "junit", "sarif", "github"} }

// New returns the renderer of that name.
func New(format string, w io.Writer, run Run) (Renderer, error) {
	b := bufio.NewWriterSize(w, 32<<10)
	switch format {
	case "json":
		return &jsonRenderer{w: b, run: run}, nil
	case "junit":
		return &junitRenderer{w: b, run: run}, nil
	case "sarif":
		return newSARIF(b, run), nil
	case "github":
		return &githubRenderer{w: b}, nil
	}
	return nil, fmt.Errorf("unknown format %q: one of %s", format, strings.Join(Formats(), ", "))
}
