package verify

import (
	"fmt"
	"io"
	"time"

	"github.com/rdbtool/rdbtool/aof"
)

// Level is how closely a file is looked at.
type Level uint8

// The levels; each holds what those before it do.
const (
	// Checksum: the frame of each record or command, and the checksum.
	Checksum Level = iota
	// Structure: every length and every packed blob is walked.
	Structure
	// Deep: every rule that is known, whether servers test it or not: order,
	// duplicates, counts that must agree.
	Deep
	numLevels
)

func (l Level) String() string { return [...]string{"checksum", "structure", "deep"}[l] }

// MarshalText makes a level a word in JSON.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// ParseLevel returns the level of that name.
func ParseLevel(name string) (Level, error) {
	for l := range numLevels {
		if l.String() == name {
			return l, nil
		}
	}
	return 0, fmt.Errorf("unknown level %q: one of checksum, structure, deep", name)
}

// Options say how files are verified. The zero value, or nil, is fine but for
// the level, which is then Checksum.
type Options struct {
	Level Level
	// Jobs is how many goroutines work on a file; below 2, the calling one.
	Jobs int
	// Now is what times in files are held against; zero for the clock.
	Now time.Time
	// MaxFindings is how many findings a report keeps; more are counted. 0
	// stands for DefaultMaxFindings.
	MaxFindings int
	// Again, if set, opens an RDB file once more, unpacked. What a first reading
	// leaves open is answered by a second: the names of keys that stand twice,
	// and whether the checksum holds of a file that cannot be read to its end.
	Again func() (io.ReadCloser, error)
	// Strict makes warnings errors.
	Strict bool
	// At, if set, is an RDB file to be read at any place, unpacked: what stands
	// behind damage is then verified too, with verify/salvage to find it.
	At io.ReaderAt
	// Watch, if set, wraps what a part of a log is read from.
	Watch func(r io.Reader, p *aof.Part) io.Reader
}

// DefaultMaxFindings is how many findings a report keeps if nothing is said.
const DefaultMaxFindings = 1000

func (o *Options) now() time.Time {
	if o.Now.IsZero() {
		return time.Now()
	}
	return o.Now
}
