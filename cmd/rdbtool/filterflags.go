package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/entry/filter"
)

// filterFlags are the flags that choose keys, the same on every command.
type filterFlags struct {
	dbs, types, match, exclude, regexps cli.StringSlice
	ttl, now, slot                      string
	minSize, maxSize                    string
}

const filterCategory = "FILTERS"

func (f *filterFlags) flags() []cli.Flag {
	slice := func(name, usage string, to *cli.StringSlice) cli.Flag {
		return &cli.StringSliceFlag{Name: name, Usage: usage, Destination: to, Category: filterCategory}
	}
	str := func(name, usage string, to *string) cli.Flag {
		return &cli.StringFlag{Name: name, Usage: usage, Destination: to, Category: filterCategory}
	}
	return []cli.Flag{
		slice("db", "only keys of the databases `N,...`", &f.dbs),
		slice("type", "only keys of the types `TYPE,...` (string, list, set, zset, hash, stream, module ...)", &f.types),
		slice("match", "only keys that match `GLOB`, by the server's rules; repeated: any of them", &f.match),
		slice("exclude", "no keys that match `GLOB`", &f.exclude),
		slice("regexp", "only keys in which the regular expression `RE` matches; repeated: any of them", &f.regexps),
		str("ttl", "only keys whose expiry is `any|none|expired|live`", &f.ttl),
		str("now", "`TIME` that expiries are held against, and relative times in a log count from: 2006-01-02, 2006-01-02T15:04:05Z or Unix seconds (default: the clock)", &f.now),
		str("min-size", "only keys whose record has at least `BYTES` (64, 10KB, 1.5MB)", &f.minSize),
		str("max-size", "only keys whose record has at most `BYTES`", &f.maxSize),
		str("slot", "only keys of the cluster slots `A-B`", &f.slot),
	}
}

// set reports whether any flag has been given.
func (f *filterFlags) set() bool {
	lists := len(f.dbs.Value()) + len(f.types.Value()) + len(f.match.Value()) + len(f.exclude.Value()) + len(f.regexps.Value())
	return lists > 0 || f.ttl+f.now+f.slot+f.minSize+f.maxSize != ""
}

// filter returns what the flags say.
func (f *filterFlags) filter(clock time.Time) (*filter.Filter, error) {
	out := &filter.Filter{}
	for _, list := range f.dbs.Value() {
		for _, s := range strings.Split(list, ",") {
			n, err := strconv.Atoi(s)
			if err != nil || n < 0 {
				return nil, &usageError{fmt.Sprintf("--db: %q is no database number", s)}
			}
			out.DBs = append(out.DBs, n)
		}
	}
	for _, list := range f.types.Value() {
		for _, s := range strings.Split(list, ",") {
			t, err := entry.ParseType(s)
			if err != nil {
				return nil, &usageError{"--type: " + err.Error()}
			}
			out.Types = append(out.Types, t)
		}
	}
	out.Match(f.match.Value()...)
	out.Exclude(f.exclude.Value()...)
	for _, s := range f.regexps.Value() {
		re, err := regexp.Compile(s)
		if err != nil {
			return nil, &usageError{"--regexp: " + err.Error()}
		}
		out.Regexp(re)
	}
	var err error
	if f.ttl != "" {
		if out.TTL, err = filter.ParseTTL(f.ttl); err != nil {
			return nil, &usageError{"--ttl: " + err.Error()}
		}
	}
	if f.now != "" {
		if out.Now, err = parseTime(f.now); err != nil {
			return nil, &usageError{"--now: " + err.Error()}
		}
	}
	out.Fix(clock)
	for _, size := range []struct {
		flag, text string
		to         *int64
	}{{"min-size", f.minSize, &out.MinSize}, {"max-size", f.maxSize, &out.MaxSize}} {
		if size.text != "" {
			if *size.to, err = parseBytes(size.text); err != nil {
				return nil, &usageError{"--" + size.flag + ": " + err.Error()}
			}
			if *size.to < 1 {
				return nil, &usageError{"--" + size.flag + ": at least 1 byte"}
			}
		}
	}
	if f.slot != "" {
		if out.Slots, err = parseSlots(f.slot); err != nil {
			return nil, &usageError{"--slot: " + err.Error()}
		}
		out.HasSlots = true
	}
	return out, nil
}

// maxUnixSeconds is in the year 5138: what is more are milliseconds.
const maxUnixSeconds = 99_999_999_999

// parseTime reads a date, a time or Unix seconds.
func parseTime(s string) (time.Time, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n > maxUnixSeconds {
			return time.UnixMilli(n), nil
		}
		return time.Unix(n, 0), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: try 2006-01-02T15:04:05Z or Unix seconds", s)
}

// parseBytes reads a number of bytes with a unit of 1024.
func parseBytes(s string) (int64, error) {
	units := map[string]float64{"": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
	text := strings.ToUpper(strings.TrimSpace(s))
	digits := strings.TrimRight(text, "KMGTIB ")
	unit := strings.TrimSpace(text[len(digits):])
	if len(unit) > 1 {
		unit = strings.TrimSuffix(strings.TrimSuffix(unit, "B"), "I")
	}
	factor, known := units[unit]
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil || !known || !(v >= 0) || v*factor >= 1<<63 {
		return 0, fmt.Errorf("%q is no size: try 512, 64KB or 1.5MB", s)
	}
	return int64(v * factor), nil
}

const maxSlot = 16383

// parseSlots reads a slot or a range of slots.
func parseSlots(s string) (out filter.Slots, err error) {
	a, b, isRange := strings.Cut(s, "-")
	from, err1 := strconv.Atoi(a)
	to := from
	var err2 error
	if isRange {
		to, err2 = strconv.Atoi(b)
	}
	if errors.Join(err1, err2) != nil || from < 0 || from > to || to > maxSlot {
		return out, fmt.Errorf("%q is no range of slots: try 0-5460", s)
	}
	return filter.Slots{From: from, To: to}, nil
}
