package render

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/rdbtool/rdbtool/verify"
)

// junitRenderer writes JUnit XML: a testsuite for each file. Its testcases are
// the checks that were asked for and have the same names in each run: the level,
// each target, each expectation.
//
//	<testsuites name="rdbtool verify">
//	  <testsuite name="dump.rdb" tests="3" failures="1" errors="0" ...>
//	    <testcase classname="dump.rdb" name="level structure"/>
//	    <testcase classname="dump.rdb" name="target redis-7.0"><failure .../></testcase>
type junitRenderer struct {
	w     *bufio.Writer
	run   Run
	begun bool
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
	Out      string      `xml:"system-out,omitempty"` // warnings and notices
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitProblem `xml:"failure,omitempty"`
	Error   *junitProblem `xml:"error,omitempty"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

func (j *junitRenderer) begin() error {
	if j.begun {
		return nil
	}
	j.begun = true
	_, err := j.w.WriteString(xml.Header + `<testsuites name="rdbtool verify">` + "\n")
	return err
}

func (j *junitRenderer) File(f *File) error {
	if err := j.begin(); err != nil {
		return err
	}
	enc := xml.NewEncoder(j.w)
	enc.Indent("  ", "  ")
	if err := enc.Encode(j.suite(f)); err != nil {
		return err
	}
	return j.w.WriteByte('\n')
}

func (j *junitRenderer) End(*Summary) error {
	if err := j.begin(); err != nil {
		return err
	}
	if _, err := j.w.WriteString("</testsuites>\n"); err != nil {
		return err
	}
	return j.w.Flush()
}

func (j *junitRenderer) suite(f *File) *junitSuite {
	s := &junitSuite{Name: clean(f.File), Time: fmt.Sprintf("%.3f", f.Elapsed.Seconds())}
	level := junitCase{Name: "level " + j.run.Level.String(), Time: s.Time}
	bad, unknown, mild := sorted(f)
	switch {
	case f.Verdict() == verify.Damaged:
		level.Failure = problem(bad, f)
	case f.Failed != nil:
		level.Error = &junitProblem{Message: clean(f.Failed.Error()), Type: "read"}
	case len(unknown) > 0:
		level.Error = problem(unknown, f)
	}
	s.add(level)
	for _, l := range f.Loads {
		c := junitCase{Name: "target " + l.Target.Name, Time: "0.000"}
		switch l.Loads {
		case verify.No:
			c.Failure = obstacles(&l)
		case verify.Unknown:
			c.Error = &junitProblem{Message: "cannot be told", Type: string(verify.CodeTarget)}
		}
		s.add(c)
	}
	for _, o := range f.Outcomes {
		c := junitCase{Name: string(o.Code) + " " + o.Due, Time: "0.000"}
		if !o.Holds {
			c.Failure = &junitProblem{Message: clean(o.Found), Type: string(o.Code)}
		}
		s.add(c)
	}
	s.Out = lines(mild)
	return s
}

func (s *junitSuite) add(c junitCase) {
	c.Class = s.Name
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Error != nil {
		s.Errors++
	}
	s.Cases = append(s.Cases, c)
}

// sorted deals the findings out by what they do to a file. Those of targets and
// expectations have testcases of their own.
func sorted(f *File) (bad, unknown, mild []*verify.Finding) {
	for i := range f.Findings {
		switch x := &f.Findings[i]; {
		case verify.Expected(x.Code):
		case x.Severity == verify.Error:
			bad = append(bad, x)
		case x.Severity == verify.Unsupported:
			unknown = append(unknown, x)
		default:
			mild = append(mild, x)
		}
	}
	return bad, unknown, mild
}

func problem(list []*verify.Finding, f *File) *junitProblem {
	p := &junitProblem{Message: headline(f), Text: lines(list)}
	if len(list) > 0 { // else all of them are beyond the limit
		p.Message, p.Type = clean(list[0].String()), string(list[0].Code)
	}
	if f.Omitted > 0 {
		p.Text += more(f) + "\n"
	}
	return p
}

func obstacles(l *verify.LoadVerdict) *junitProblem {
	p := &junitProblem{Type: string(verify.CodeTarget), Message: clean(l.Obstacles[0].Text())}
	for i := range l.Obstacles {
		o := &l.Obstacles[i]
		p.Text += clean(o.First.Describe(o.Text())) + "\n"
	}
	return p
}

func lines(list []*verify.Finding) string {
	var b strings.Builder
	for _, x := range list {
		fmt.Fprintf(&b, "%s %s: %s\n", x.Severity, x.Code, clean(x.String()))
	}
	return b.String()
}
