package filter

import (
	"regexp"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/entry"
)

func TestPass(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	e := func(change func(*entry.Entry)) *entry.Entry {
		x := &entry.Entry{DB: 3, Key: []byte("user:{17}:profile"), Type: entry.Hash, ExpireAt: entry.NoExpire, Size: 100}
		if change != nil {
			change(x)
		}
		return x
	}
	expires := func(at int64) func(*entry.Entry) { return func(x *entry.Entry) { x.ExpireAt = at } }
	f := func(change func(*Filter)) *Filter {
		x := &Filter{}
		change(x)
		x.Fix(now)
		return x
	}
	for _, tt := range []struct {
		name   string
		filter *Filter
		entry  *entry.Entry
		want   bool
	}{
		{"nothing asked", &Filter{}, e(nil), true},
		{"db", f(func(x *Filter) { x.DBs = []int{0, 3} }), e(nil), true},
		{"other db", f(func(x *Filter) { x.DBs = []int{0} }), e(nil), false},
		{"type", f(func(x *Filter) { x.Types = []entry.Type{entry.Hash} }), e(nil), true},
		{"other type", f(func(x *Filter) { x.Types = []entry.Type{entry.String} }), e(nil), false},
		{"one of two globs", f(func(x *Filter) { x.Match("session:*", "user:*") }), e(nil), true},
		{"no glob", f(func(x *Filter) { x.Match("session:*") }), e(nil), false},
		{"excluded", f(func(x *Filter) { x.Match("user:*"); x.Exclude("*:profile") }), e(nil), false},
		{"regexp", f(func(x *Filter) { x.Regexp(regexp.MustCompile(`\d+`)) }), e(nil), true},
		{"one of two regexps", f(func(x *Filter) { x.Regexp(regexp.MustCompile(`^\d`)); x.Regexp(regexp.MustCompile(`\d+`)) }), e(nil), true},
		{"no regexp", f(func(x *Filter) { x.Regexp(regexp.MustCompile(`^\d`)) }), e(nil), false},
		{"slot of the tag", f(func(x *Filter) { x.HasSlots, x.Slots = true, Slots{From: 3300, To: 3300} }), e(func(x *entry.Entry) { x.Key = []byte("a") }), false},
		{"all slots", f(func(x *Filter) { x.HasSlots, x.Slots = true, Slots{From: 0, To: 16383} }), e(nil), true},
		{"no expiry asked, none there", f(func(x *Filter) { x.TTL = TTLNone }), e(nil), true},
		{"no expiry asked, one there", f(func(x *Filter) { x.TTL = TTLNone }), e(expires(5)), false},
		{"expired", f(func(x *Filter) { x.TTL = TTLExpired }), e(expires(1_000_000)), true},
		{"not yet expired", f(func(x *Filter) { x.TTL = TTLExpired }), e(expires(1_000_001)), false},
		{"live", f(func(x *Filter) { x.TTL = TTLLive }), e(expires(1_000_001)), true},
		{"live, but no expiry", f(func(x *Filter) { x.TTL = TTLLive }), e(nil), false},
		{"size", f(func(x *Filter) { x.MinSize, x.MaxSize = 100, 100 }), e(nil), true},
		{"too small", f(func(x *Filter) { x.MinSize = 101 }), e(nil), false},
		{"too large", f(func(x *Filter) { x.MaxSize = 99 }), e(nil), false},
		{"size unknown", f(func(x *Filter) { x.MaxSize = 99 }), e(func(x *entry.Entry) { x.Size = -1 }), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.filter.Pass(tt.entry); got != tt.want {
				t.Errorf("Pass = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestParseTTL(t *testing.T) {
	for i, name := range ttlNames {
		if got, err := ParseTTL(name); err != nil || got != TTL(i) {
			t.Errorf("ParseTTL(%q) = %v, %v", name, got, err)
		}
	}
	if _, err := ParseTTL("soon"); err == nil {
		t.Error("an unknown name is taken")
	}
}
