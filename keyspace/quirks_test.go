package keyspace

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
)

// shownKey returns the elements of a key, sorted sets with their scores and all
// others in their order.
func shownKey(t *testing.T, ds *Dataset, key string) string {
	t.Helper()
	for e, err := range ds.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Meta != nil || string(e.Key) != key {
			continue
		}
		var all []string
		for m := range entry.Elems(e.Value) {
			text := string(m.Data)
			if e.Type == entry.ZSet {
				text = fmt.Sprintf("%s=%g", text, m.Score)
			}
			all = append(all, text)
		}
		if e.Type == entry.ZSet {
			slices.Sort(all)
		}
		if e.ExpireAt != entry.NoExpire {
			all = append(all, "expires")
		}
		return strings.Join(all, " ")
	}
	return "none"
}

// TestAsServersDo holds commands to what servers came to that were sent random
// ones: each case is a mismatch that was met.
func TestAsServersDo(t *testing.T) {
	many := func(prefix string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, " 5 %s%d", prefix, i)
		}
		return b.String()
	}
	long := strings.Repeat("l", 65)
	for name, c := range map[string]struct {
		options  Options
		commands []string
		key      string
		want     string // a beginning, if it ends in ...
	}{
		"a list's only element is moved onto it": {
			commands: []string{"RPUSH l a", "PEXPIREAT l 9999999999999", "LMOVE l l LEFT RIGHT", "RPOPLPUSH l l"}, key: "l", want: "a expires",
		},
		"an index is cut to 32 bits":         {commands: []string{"RPUSH l a b", "LSET l 4294967296 x", "LSET l -4294967297 y"}, key: "l", want: "x y"},
		"a bit offset overflows":             {commands: []string{"BITFIELD b SET u8 #-9223372036854775808 65"}, key: "b", want: "A"},
		"SAT at the least number":            {commands: []string{"BITFIELD b OVERFLOW SAT SET i16 0 -9223372036854775808 SET i16 16 -32769"}, key: "b", want: "\x7f\xff\x80\x00"},
		"scores beyond places are no places": {commands: []string{"ZADD g -1 a inf b 4503599627370496 c 0 d", "GEOSEARCHSTORE o g FROMLONLAT 0 0 BYRADIUS 30000 km"}, key: "o", want: "d=0"},
		"SORT of a list backward":            {commands: []string{"RPUSH l a b c", "SORT l BY nosort DESC LIMIT 0 2 STORE l"}, key: "l", want: "c b"},
		"SORT of a list, up to 6.2":          {options: Options{SignedZero: true}, commands: []string{"RPUSH l a b c", "SORT l BY nosort DESC LIMIT 0 2 STORE l"}, key: "l", want: "a b"},
		"SORT enlarges a sorted set":         {commands: []string{"ZADD z 1 a", "SORT z ALPHA STORE l", "ZADD z -0 b"}, key: "z", want: "a=1 b=-0"},
		"SORT by small and large numbers": {
			commands: []string{"MSET w_a 5e-324 w_b 1e400 w_c -1e400 w_d 1e-400", "RPUSH l a b c d", "SORT l BY w_* STORE l"}, key: "l", want: "c d a b",
		},
		"ZADD of many":                {commands: []string{"ZADD z -0 a" + many("m", 130)}, key: "z", want: "a=0 ..."},
		"ZADD of many, Redis 7.2":     {options: Options{EarlyLarge: true}, commands: []string{"ZADD z -0 a" + many("m", 130)}, key: "z", want: "a=-0 ..."},
		"ZADD of a long, Redis 7.2":   {options: Options{EarlyLarge: true}, commands: []string{"ZADD z -0 a 1 " + long}, key: "z", want: "a=0 ..."},
		"ZADD of a long, Valkey 8.1":  {options: Options{EarlyLong: true}, commands: []string{"ZADD z -0 a 1 " + long}, key: "z", want: "a=-0 ..."},
		"ZRANGESTORE of many ranks":   {commands: []string{"ZADD z 1 " + long + many("m", 130) + " -0 a", "ZREM z " + long, "ZRANGESTORE o z 0 -1"}, key: "o", want: "a=-0 ..."},
		"ZRANGESTORE of many scores":  {commands: []string{"ZADD z 1 " + long + many("m", 130) + " -0 a", "ZREM z " + long, "ZRANGESTORE o z -inf inf BYSCORE"}, key: "o", want: "a=0 ..."},
		"ZRANGESTORE from the top":    {commands: []string{"ZADD z 1 " + long + many("m", 130) + " -0 a", "ZREM z " + long, "ZRANGESTORE o z inf -inf BYSCORE REV"}, key: "o", want: "a=-0 ..."},
		"TRIMSLOTS drops slots":       {commands: []string{"MSET {1}a 1 {2}b 2", "TRIMSLOTS RANGES 2 0 9841 9843 16383"}, key: "{2}b", want: "none"},
		"CLUSTER FLUSHSLOT drops one": {commands: []string{"MSET {1}a 1 {2}b 2", "CLUSTER FLUSHSLOT 9842 ASYNC"}, key: "{1}a", want: "none"},
		"TRIMSLOTS leaves others":     {commands: []string{"MSET {1}a 1 {2}b 2", "TRIMSLOTS RANGES 2 0 9841 9843 16383"}, key: "{1}a", want: "1"},
		"CLUSTER FLUSHSLOT leaves others": {
			commands: []string{"MSET {1}a 1 {2}b 2", "CLUSTER FLUSHSLOT 9842 ASYNC"}, key: "{2}b", want: "2",
		},
	} {
		t.Run(name, func(t *testing.T) {
			ds := New(c.options)
			x := ds.NewExecutor()
			for _, line := range c.commands {
				if err := x.Do(words(line)); err != nil {
					t.Fatalf("%.100s: %v", line, err)
				}
			}
			got := shownKey(t, ds, c.key)
			if begin, ok := strings.CutSuffix(c.want, "..."); got != c.want && !(ok && strings.HasPrefix(got, begin)) {
				t.Errorf("%.200s, want %s", got, c.want)
			}
		})
	}
}

func words(line string) (args [][]byte) {
	for w := range strings.FieldsSeq(line) {
		args = append(args, []byte(w))
	}
	return args
}

// TestNotKnown has commands refused whose outcome depends on what a log does not
// tell.
func TestNotKnown(t *testing.T) {
	long := strings.Repeat("l", 65)
	for _, lines := range [][]string{
		{"ZADD z 1 " + long + " 2 a", "ZRANGESTORE o z -inf inf BYSCORE LIMIT -1 1"}, // some releases count from the end
		{"GEOADD g 10 10 a 10 10 b 20 20 c", "GEOSEARCHSTORE o g FROMLONLAT 0 0 BYRADIUS 9000 km ASC COUNT 1"},
		{"GEOADD g 180 10 a -180 10 b", "GEORADIUSBYMEMBER g a 100 km STORE o"},
		{"GEOADD g 54 79 a", "GEORADIUS g 54.5 79.9 1207 km STORE o"}, // beyond the pole
		{"CLUSTER NODES"}, {"FUNCTION NOSUCH"},
	} {
		x := New(Options{}).NewExecutor()
		var err error
		for _, line := range lines {
			err = x.Do(words(line))
		}
		var unsupported *UnsupportedError
		if !errors.As(err, &unsupported) {
			t.Errorf("%.100q: %v", lines, err)
		}
	}
}

// elements is a value of a sorted set.
type elements struct {
	all []entry.Elem
	at  int
}

func (v *elements) Next() bool        { v.at++; return v.at <= len(v.all) }
func (v *elements) Elem() *entry.Elem { return &v.all[v.at-1] }
func (v *elements) Err() error        { return nil }

// TestLoadSignedZero: a sorted set of a snapshot keeps the sign of a zero if it is large
// or stands there packed, which is taken over as it is. A small one that is to be packed
// loses it.
func TestLoadSignedZero(t *testing.T) {
	zero := math.Copysign(0, -1)
	long := strings.Repeat("l", 65)
	of := func(name string, score float64) entry.Elem { return entry.Elem{Data: []byte(name), Score: score} }
	for _, c := range []struct {
		name     string
		encoding entry.Encoding
		all      []entry.Elem
		large    bool // it is made so by a command
		old      bool // by the rules before Redis 7.0
		want     string
	}{
		{"small", entry.Skiplist, []entry.Elem{of("a", zero), of("b", 1)}, false, false, "a=0 b=1"},
		{"small, old", entry.Skiplist, []entry.Elem{of("a", zero), of("b", 1)}, false, true, "a=-0 b=1"},
		{"large", entry.Skiplist, []entry.Elem{of("a", zero), of(long, 1)}, false, false, "a=-0 " + long + "=1"},
		{"large, behind", entry.Skiplist, []entry.Elem{of(long, -1), of("a", zero)}, false, false, "a=-0 " + long + "=-1"},
		{"large, twice", entry.Skiplist, []entry.Elem{of("a", zero), of("a", 5), of(long, 1)}, false, false, "a=5 " + long + "=1"},
		{"listpack", entry.Listpack, []entry.Elem{of("a", zero), of("b", 1)}, false, false, "a=-0 b=1"},
		{"ziplist", entry.Ziplist, []entry.Elem{of("a", zero), of("b", 1)}, false, false, "a=-0 b=1"},
		{"listpack, twice", entry.Listpack, []entry.Elem{of("a", zero), of("a", 5), of("b", 1)}, false, false, "a=5 b=1"},
		{"listpack, long", entry.Listpack, []entry.Elem{of(long, -1), of("a", zero)}, false, false, "a=-0 " + long + "=-1"},
		{"listpack, grown", entry.Listpack, []entry.Elem{of("a", zero), of("b", 1)}, true, false, "a=-0 b=1 " + long + "=2"},
	} {
		ds := New(Options{SignedZero: c.old})
		e := &entry.Entry{Key: []byte("z"), Type: entry.ZSet, Encoding: c.encoding, ExpireAt: entry.NoExpire, Value: &elements{all: c.all}}
		if err := ds.Load(e); err != nil {
			t.Fatal(err)
		}
		if c.large {
			if err := ds.NewExecutor().Do(words("ZADD z 2 " + long)); err != nil {
				t.Fatal(err)
			}
		}
		if got := shownKey(t, ds, "z"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
