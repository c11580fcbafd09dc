package render

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/rdbtool/rdbtool/verify"
)

// sarifRenderer writes a log of SARIF 2.1.0 with one run. A rule is a code of
// verify.Rules, a result a finding; its region is an offset in bytes.
type sarifRenderer struct {
	w       *bufio.Writer
	run     Run
	indexes map[verify.Code]int
	begun   bool
	failed  []sarifNotification // files that could not be read
}

const (
	sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"
	homePage    = "https://github.com/rdbtool/rdbtool"
)

type sarifText struct {
	Text string `json:"text"`
}

type sarifRule struct {
	ID      string    `json:"id"`
	Short   sarifText `json:"shortDescription"`
	HelpURI string    `json:"helpUri"`
	Default struct {
		Level string `json:"level"`
	} `json:"defaultConfiguration"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version"`
	URI     string      `json:"informationUri"`
	Rules   []sarifRule `json:"rules"`
}

type sarifResult struct {
	RuleID     string           `json:"ruleId"`
	RuleIndex  *int             `json:"ruleIndex,omitempty"`
	Level      string           `json:"level"`
	Message    sarifText        `json:"message"`
	Locations  []sarifLocation  `json:"locations"`
	Properties *sarifProperties `json:"properties,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact struct {
		URI string `json:"uri"`
	} `json:"artifactLocation"`
	Region *sarifRegion `json:"region,omitempty"`
}

type sarifRegion struct {
	ByteOffset int64 `json:"byteOffset"`
}

// sarifLogical names a key.
type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

// sarifProperties are the key as it stands, without loss.
type sarifProperties struct {
	DB  int   `json:"db"`
	Key Bytes `json:"key"`
}

type sarifNotification struct {
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	ExitCode      int                 `json:"exitCode"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

func newSARIF(w *bufio.Writer, run Run) *sarifRenderer {
	return &sarifRenderer{w: w, run: run, indexes: map[verify.Code]int{}}
}

// head writes all that stands before the results.
func (s *sarifRenderer) head() error {
	d := sarifDriver{Name: "rdbtool", Version: s.run.Version, URI: homePage}
	for i, r := range verify.Rules() {
		s.indexes[r.Code] = i
		rule := sarifRule{ID: string(r.Code), Short: sarifText{r.Title}, HelpURI: homePage + "/blob/main/docs/verify.md#" + string(r.Code)}
		rule.Default.Level = sarifLevel(r.Severity)
		d.Rules = append(d.Rules, rule)
	}
	driver, err := marshal(d, "        ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.w, `{
  "$schema": %q,
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": %s
      },
      "results": [`, sarifSchema, driver)
	return err
}

func (s *sarifRenderer) File(f *File) error {
	for i := range f.Findings {
		x := &f.Findings[i]
		sep := ",\n        "
		if !s.begun {
			if err := s.head(); err != nil {
				return err
			}
			s.begun, sep = true, "\n        "
		}
		b, err := marshal(s.result(x), "        ")
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(s.w, "%s%s", sep, b); err != nil {
			return err
		}
	}
	if f.Failed != nil {
		s.failed = append(s.failed, sarifNotification{"error", sarifText{clean(f.Failed.Error())}, []sarifLocation{locationOf(f.File, -1)}})
	}
	return nil
}

func (s *sarifRenderer) result(x *verify.Finding) *sarifResult {
	r := &sarifResult{RuleID: string(x.Code), Level: sarifLevel(x.Severity), Message: sarifText{where(x)}}
	if i, ok := s.indexes[x.Code]; ok {
		r.RuleIndex = &i
	}
	l := locationOf(x.File, x.Offset)
	if x.Key != nil {
		l.Logical = []sarifLogical{{fmt.Sprintf("db %d key %s", x.DB, x.QuotedKey()), "object"}}
		r.Properties = &sarifProperties{x.DB, Bytes(x.Key)}
	}
	r.Locations = []sarifLocation{l}
	return r
}

func locationOf(file string, offset int64) (l sarifLocation) {
	l.Physical.Artifact.URI = fileURI(file)
	if offset >= 0 {
		l.Physical.Region = &sarifRegion{offset}
	}
	return l
}

// fileURI returns the name of a file as a URI, a relative one for a relative
// name.
func fileURI(name string) string {
	u := url.URL{Path: filepath.ToSlash(name)}
	if filepath.IsAbs(name) {
		u.Scheme = "file"
		if !strings.HasPrefix(u.Path, "/") { // a drive
			u.Path = "/" + u.Path
		}
	}
	return u.String()
}

func sarifLevel(s verify.Severity) string {
	switch s {
	case verify.Notice:
		return "note"
	case verify.Warning:
		return "warning"
	}
	return "error"
}

func (s *sarifRenderer) End(sum *Summary) error {
	end := "\n      ],\n"
	if !s.begun {
		if err := s.head(); err != nil {
			return err
		}
		end = "],\n"
	}
	b, err := marshal([]sarifInvocation{{Successful: len(s.failed) == 0, ExitCode: sum.ExitCode, Notifications: s.failed}}, "      ")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s.w, "%s      \"invocations\": %s\n    }\n  ]\n}\n", end, b); err != nil {
		return err
	}
	return s.w.Flush()
}

// marshal returns v as indented JSON without escapes for HTML.
func marshal(v any, prefix string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, "  ")
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
