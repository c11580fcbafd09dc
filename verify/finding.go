package verify

import (
	"fmt"

	"github.com/rdbtool/rdbtool/entry"
)

// Severity is how much a finding weighs.
type Severity uint8

// The severities, the least first. Error alone speaks against a file.
const (
	// Notice is worth knowing and no fault: a file without a checksum.
	Notice Severity = iota
	// Warning is odd, but servers load it and keep what it says.
	Warning
	// Unsupported is what cannot be judged: a version or type that nobody here
	// knows.
	Unsupported
	// Error is damage, or a check that does not hold.
	Error
	numSeverities
)

func (s Severity) String() string {
	return [...]string{"notice", "warning", "unsupported", "error"}[s]
}

// MarshalText makes a severity a word in JSON.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText has written.
func (s *Severity) UnmarshalText(b []byte) error {
	for i := range numSeverities {
		if i.String() == string(b) {
			*s = i
			return nil
		}
	}
	return fmt.Errorf("unknown severity %q", b)
}

// Code names the rule that a finding is about: see Rules.
type Code string

// Finding is one thing that is wrong with a file, or worth knowing.
type Finding struct {
	Code     Code
	Severity Severity
	entry.Place
	Reason string
}

// String returns the finding as a message has it: place and reason.
func (f *Finding) String() string { return f.Describe(f.Reason) }
