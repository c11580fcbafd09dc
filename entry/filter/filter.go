// Package filter chooses entries by their key and metadata. One Filter stands
// behind the filter flags of every command, so that they mean the same
// everywhere.
package filter

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/glob"
	"github.com/rdbtool/rdbtool/internal/slot"
)

// TTL is what a filter asks of a key's expiry.
type TTL uint8

// The questions about an expiry.
const (
	TTLAny     TTL = iota // no question
	TTLNone               // the key has no expiry
	TTLExpired            // the key expires, and that time is past
	TTLLive               // the key expires, at a time to come
)

var ttlNames = []string{"any", "none", "expired", "live"}

// ParseTTL returns the TTL of that name.
func ParseTTL(name string) (TTL, error) {
	if i := slices.Index(ttlNames, name); i >= 0 {
		return TTL(i), nil
	}
	return TTLAny, fmt.Errorf("unknown value %q: one of %s", name, ttlNames)
}

// Slots is an inclusive range of cluster hash slots.
type Slots struct{ From, To int }

// Filter is a set of conditions; an entry passes if it meets all of them. The
// zero value passes everything. It may be used on several goroutines.
type Filter struct {
	DBs      []int        // databases, none: all
	Types    []entry.Type // types, none: all
	match    []glob.Pattern
	exclude  []glob.Pattern
	regexps  []*regexp.Regexp
	TTL      TTL
	Now      time.Time // what an expiry is held against: set it, or call Fix
	MinSize  int64     // bytes of the record in its file
	MaxSize  int64     // likewise, 0: no limit
	HasSlots bool
	Slots    Slots
}

// Match adds glob patterns, by the rules of the server's KEYS. A key must match
// one of them.
func (f *Filter) Match(patterns ...string) { f.match = append(f.match, compile(patterns)...) }

// Exclude adds glob patterns. A key must match none of them.
func (f *Filter) Exclude(patterns ...string) { f.exclude = append(f.exclude, compile(patterns)...) }

func compile(patterns []string) (out []glob.Pattern) {
	for _, p := range patterns {
		out = append(out, glob.Compile(p))
	}
	return out
}

// Regexp adds a regular expression (RE2). A key must contain a match of one of
// them.
func (f *Filter) Regexp(re *regexp.Regexp) { f.regexps = append(f.regexps, re) }

// Fix sets what the filter takes from the clock, so that all of a run is held
// against one time.
func (f *Filter) Fix(now time.Time) {
	if f.Now.IsZero() {
		f.Now = now
	}
}

// All reports whether every entry passes.
func (f *Filter) All() bool {
	return len(f.DBs) == 0 && len(f.Types) == 0 && len(f.match) == 0 && len(f.exclude) == 0 && len(f.regexps) == 0 &&
		f.TTL == TTLAny && !f.NeedsSize() && !f.HasSlots
}

// NeedsSize reports whether entries whose size is not known yet must be held
// back: see PassSize.
func (f *Filter) NeedsSize() bool { return f.MinSize > 0 || f.MaxSize > 0 }

// PassSize reports whether a record of that size passes.
func (f *Filter) PassSize(size int64) bool {
	return size >= f.MinSize && (f.MaxSize == 0 || size <= f.MaxSize)
}

// Pass reports whether e passes. An unknown size (e.Size < 0) passes here.
func (f *Filter) Pass(e *entry.Entry) bool {
	if len(f.DBs) > 0 && !slices.Contains(f.DBs, e.DB) {
		return false
	}
	if len(f.Types) > 0 && !slices.Contains(f.Types, e.Type) {
		return false
	}
	if e.Size >= 0 && !f.PassSize(e.Size) {
		return false
	}
	return f.passTTL(e.ExpireAt) && f.passKey(e.Key)
}

func (f *Filter) passTTL(at int64) bool {
	switch f.TTL {
	case TTLNone:
		return at == entry.NoExpire
	case TTLExpired:
		return at != entry.NoExpire && at <= f.Now.UnixMilli()
	case TTLLive:
		return at != entry.NoExpire && at > f.Now.UnixMilli()
	}
	return true
}

func (f *Filter) passKey(key []byte) bool {
	if f.HasSlots {
		if s := slot.Of(key); s < f.Slots.From || s > f.Slots.To {
			return false
		}
	}
	if len(f.match) > 0 && !matchAny(f.match, key) {
		return false
	}
	if matchAny(f.exclude, key) {
		return false
	}
	return len(f.regexps) == 0 || slices.ContainsFunc(f.regexps, func(re *regexp.Regexp) bool { return re.Match(key) })
}

func matchAny(patterns []glob.Pattern, key []byte) bool {
	for i := range patterns {
		if patterns[i].Match(key) {
			return true
		}
	}
	return false
}
