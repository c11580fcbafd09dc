package glob

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// serverCases were asked of running servers, Redis 7.0 to 8.6 and Valkey 8.1
// and 9.1, with KEYS and SCAN MATCH; all gave these answers.
var serverCases = []struct {
	pattern string
	hits    []string
	misses  []string
}{
	{"", []string{""}, []string{"a", "*"}},
	{"a", []string{"a"}, []string{"", "A", "b", "aa"}},

	// Stars. Only the single star reaches the empty key.
	{"*", []string{"", "a", "\x00", "ab"}, nil},
	{"**", []string{"a", "\x00", "ab"}, []string{""}},
	{"a*", []string{"a", "a*", "aab", "a\x00b"}, []string{"", "b", "ba"}},
	{"*a", []string{"a", "aa", "ba"}, []string{"", "ab"}},
	{"*a*", []string{"a", "ab", "ba", "x{a}"}, []string{"", "b"}},
	{"a**b", []string{"ab", "aab", "a\x00b", "aaaaaaaaaaaaaaab"}, []string{"a", "b", "abc"}},
	{"*ab", []string{"ab", "aab"}, []string{"b", "aba"}},
	{"ab*ab", []string{"abab", "abcab"}, []string{"ab", "aba", "abb"}},
	{"a*b*c", []string{"abc", "axbxc", "abcbc"}, []string{"ac", "acb"}},
	{"*:*:*", []string{"user:17:name", "::"}, []string{"user:1", ":"}},
	{"user:*", []string{"user:1", "user:17:name"}, []string{"user", "xuser:1"}},
	{"a*a*a*a*a*b", []string{"aaaaaaaaaaaaaaab"}, []string{"aaaaaaaaaaaaaaaa", "aab"}},

	// Question marks take a byte, not a character.
	{"?", []string{"a", "\xff", "\x00", "?"}, []string{"", "ab", "ä"}},
	{"??", []string{"ab", "ä"}, []string{"a", "abc"}},
	{"?*", []string{"a", "ab"}, []string{""}},
	{"*?", []string{"a", "ab"}, []string{""}},
	{"a?b", []string{"a?b", "a\x00b", "aab"}, []string{"ab"}},

	// Brackets.
	{"[abc]", []string{"a", "b", "c"}, []string{"", "d", "ab", "[abc]"}},
	{"[^abc]", []string{"d", "\xff", "^", "]"}, []string{"", "a", "b", "ab"}},
	{"[a-c]", []string{"a", "b", "c"}, []string{"d", "-", "`"}},
	{"[c-a]", []string{"a", "b", "c"}, []string{"d", "-"}},
	{"[a-b-c]", []string{"a", "b", "-", "c"}, []string{"d"}},
	{"[a-c-e]", []string{"a", "b", "c", "-", "e"}, []string{"d"}},
	{"[-a]", []string{"-", "a"}, []string{"b"}},
	{"[--a]", []string{"-", "0", "A", "a", "]"}, []string{"b", ","}},
	{"[a-a]", []string{"a"}, []string{"-", "b"}},
	{"[!a]", []string{"!", "a"}, []string{"b"}},
	{"[^^]", []string{"a"}, []string{"^"}},
	{"[^-a]", []string{"b", "^"}, []string{"-", "a"}},
	{"[*]", []string{"*"}, []string{"", "a", "**"}},
	{"[?]", []string{"?"}, []string{"a"}},
	{"[[]", []string{"["}, []string{"a"}},
	{"[a][b]", []string{"ab"}, []string{"a", "ba"}},
	{"[a]*", []string{"a", "ab", "a*"}, []string{"", "b"}},
	{"*[a]", []string{"a", "ba"}, []string{"", "ab"}},
	{"[a-c]]", []string{"a]", "b]"}, []string{"a", "]"}},

	// Brackets that are empty, or never closed.
	{"[]", nil, []string{"", "[", "]", "[]", "a"}},
	{"[", nil, []string{"", "[", "a"}},
	{"[]a]", nil, []string{"a", "]", "a]", "]a]"}},
	{"[^", []string{"a", "^", "[", "\xff"}, []string{"", "ab", "[^"}},
	{"[^]", []string{"a", "]", "\x00"}, []string{"", "ab"}},
	{"[^]a]", []string{"aa]", "]a]"}, []string{"b", "a]"}},
	{"[a", []string{"a"}, []string{"[", "[a", ""}},
	{"[^a", []string{"b", "["}, []string{"a", ""}},
	{"[a*", []string{"a", "*"}, []string{"ab", "[a"}},
	{"*[a", []string{"a", "ba"}, []string{"", "ab"}},
	{"*[", nil, []string{"", "[", "a["}},
	{"*[^", []string{"a", "ab"}, []string{""}},
	{"[a-", []string{"a", "-"}, []string{"b", "["}},
	{"[a-]", []string{"]", "^", "`", "a"}, []string{"-", "b", "["}},
	{"[^a-]", []string{"b", "-", "["}, []string{"]", "^", "a"}},
	{"[a-]b]", []string{"]", "a", "b"}, []string{"c", "ab]"}},

	// Backslashes.
	{`\*`, []string{"*"}, []string{`\*`, "a", ""}},
	{`\**`, []string{"*", "**", "*a"}, []string{"a"}},
	{`\?`, []string{"?"}, []string{"a"}},
	{`\[a]`, []string{"[a]"}, []string{"a"}},
	{`\a`, []string{"a"}, []string{`\a`}},
	{`\\`, []string{`\`}, []string{`\\`}},
	{`\`, []string{`\`}, []string{"", `\\`}},
	{`a\`, []string{`a\`}, []string{"a"}},
	{`*\`, []string{`\`, `\\`, `a\`}, []string{"", "a"}},
	{`*\*`, []string{"*", "**", "a*"}, []string{"a", `\`}},
	{`[\]]`, []string{"]"}, []string{`\`, `\]`}},
	{`[\]`, []string{"]"}, []string{`\`}},
	{`[\`, []string{`\`}, []string{"", "["}},
	{`[a\`, []string{"a", `\`}, []string{"b"}},
	{`[^\]]`, []string{"a", `\`}, []string{"]"}},
	{`[\a-c]`, []string{"a", "-", "c"}, []string{"b", `\`}},
	{`[a\-c]`, []string{"a", "-", "c"}, []string{"b", `\`}},
	{`[a-\]`, []string{"a", "`", `\`, "]"}, []string{"b", "-", "["}},
	{`[a-\]]`, []string{"a]", `\]`, "^]"}, []string{"a", "]", "b]"}},

	// Bytes above 0x7f count as negative in ranges.
	{"\xff", []string{"\xff"}, []string{"\xfe"}},
	{"[\x80-\xff]", []string{"\x80", "\xe4", "\xff"}, []string{"\x7f", "\x00"}},
	{"[\x00-\xff]", []string{"\x00", "\xff"}, []string{"\x01", "a", "\xfe", "\x80"}},
	{"[a-\xff]", []string{"\xff", "\x00", "A", "a"}, []string{"b", "\xfe"}},
	{"[\x7f-\x80]", []string{"\x7f", "\x80", "a", "\xe4", "\x00"}, nil},
	{"\x00", []string{"\x00"}, []string{""}},
	{"a\x00*", []string{"a\x00b", "a\x00"}, []string{"a", "ab"}},
	{"[^\x00]", []string{"a"}, []string{"\x00", ""}},
}

func TestAsServersAnswer(t *testing.T) {
	for _, c := range serverCases {
		p := Compile(c.pattern)
		for _, key := range c.hits {
			if !p.Match([]byte(key)) {
				t.Errorf("%q does not match key %q", c.pattern, key)
			}
			if !plainMatch(c.pattern, key) {
				t.Errorf("plain: %q does not match key %q", c.pattern, key)
			}
		}
		for _, key := range c.misses {
			if p.Match([]byte(key)) {
				t.Errorf("%q matches key %q", c.pattern, key)
			}
			if plainMatch(c.pattern, key) {
				t.Errorf("plain: %q matches key %q", c.pattern, key)
			}
		}
	}
}

func TestZeroPattern(t *testing.T) {
	var p Pattern
	if !p.Match(nil) || p.Match([]byte("a")) {
		t.Error("the zero Pattern is not that of the empty pattern")
	}
}

// plainMatch is the matcher in its shortest form: it reads the pattern as it
// goes and tries every length for every star.
func plainMatch(pattern, key string) bool {
	return pattern == "*" || plainRest(pattern, key, true)
}

func plainRest(p, key string, first bool) bool {
	if p == "" {
		return key == ""
	}
	if p[0] == '*' {
		if key == "" {
			// Nothing ever starts to match within an empty key.
			return !first && strings.Trim(p, "*") == ""
		}
		for i := 0; i <= len(key); i++ {
			if plainRest(strings.TrimLeft(p, "*"), key[i:], false) {
				return true
			}
		}
		return false
	}
	if key == "" {
		return false
	}
	rest, ok := plainByte(p, key[0])
	return ok && plainRest(rest, key[1:], false)
}

func plainByte(p string, c byte) (rest string, ok bool) {
	switch {
	case p[0] == '?':
		return p[1:], true
	case p[0] == '\\' && len(p) > 1:
		return p[2:], p[1] == c
	case p[0] != '[':
		return p[1:], p[0] == c
	}
	p = p[1:]
	not := strings.HasPrefix(p, "^")
	if not {
		p = p[1:]
	}
	for p != "" {
		if p[0] == ']' {
			p = p[1:]
			break
		}
		if p[0] == '\\' && len(p) >= 2 {
			ok = ok || p[1] == c
			p = p[2:]
			continue
		}
		if len(p) >= 3 && p[1] == '-' {
			lo, hi := min(int8(p[0]), int8(p[2])), max(int8(p[0]), int8(p[2]))
			ok = ok || lo <= int8(c) && int8(c) <= hi
			p = p[3:]
			continue
		}
		ok = ok || p[0] == c
		p = p[1:]
	}
	return p, ok != not
}

func TestRandomAgainstPlain(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	word := func(alphabet string, most int) string {
		b := make([]byte, rnd.IntN(most+1))
		for i := range b {
			b[i] = alphabet[rnd.IntN(len(alphabet))]
		}
		return string(b)
	}
	var hits int
	for range 200_000 {
		pattern := word(`aab*?[]^-\`+"\xff", 9)
		key := word(`aaabb]^-\`+"\xff\x00", 7)
		p := Compile(pattern)
		got, want := p.Match([]byte(key)), plainMatch(pattern, key)
		if got != want {
			t.Fatalf("%q on key %q: got %v, plain %v", pattern, key, got, want)
		}
		if got {
			hits++
		}
	}
	if hits < 1000 {
		t.Errorf("only %d matches: the comparison says little", hits)
	}
}

// TestManyStars ends at once when no choice is taken back but that of the last
// star, and never when each star multiplies the work.
func TestManyStars(t *testing.T) {
	key := bytes.Repeat([]byte("a"), 100_000)
	for _, pattern := range []string{
		strings.Repeat("a*", 2_000) + "b",
		strings.Repeat("*a", 2_000) + "*b*",
		strings.Repeat("?*", 2_000) + "b",
		strings.Repeat("*[ab]", 2_000) + "[b]",
		strings.Repeat("*[ab]?", 2_000) + "*b*",
	} {
		p := Compile(pattern)
		if p.Match(key) {
			t.Errorf("%.12q... matches a key of a alone", pattern)
		}
		key[len(key)-1] = 'b'
		if !p.Match(key) {
			t.Errorf("%.12q... does not match", pattern)
		}
		key[len(key)-1] = 'a'
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	p := Compile("a*[b-d]?*e")
	key := []byte("axxcyzze")
	if n := testing.AllocsPerRun(100, func() { p.Match(key) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzMatch(f *testing.F) {
	for _, c := range serverCases {
		for _, key := range append(c.hits, c.misses...) {
			f.Add(c.pattern, []byte(key))
		}
	}
	f.Fuzz(func(t *testing.T, pattern string, key []byte) {
		p := Compile(pattern)
		got := p.Match(key)
		if len(key) > 24 || len(pattern) > 24 {
			return // the plain matcher is exponential
		}
		if want := plainMatch(pattern, string(key)); got != want {
			t.Errorf("%q on key %q: got %v, plain %v", pattern, key, got, want)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	key := []byte("tenant:0042:session:8f14e45fceea167a:profile")
	for _, c := range []struct{ name, pattern string }{
		{"literal", string(key)},
		{"prefix", "tenant:*"},
		{"suffix", "*:profile"},
		{"infix", "*:session:*"},
		{"three stars", "tenant:*:session:*:pro*"},
		{"brackets", "tenant:[0-9][0-9][0-9][0-9]:*:profile"},
		{"infix brackets", "*:[a-f0-9]?[a-f0-9]*"},
		{"miss", "order:*"},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := Compile(c.pattern)
			b.ReportAllocs()
			b.SetBytes(int64(len(key)))
			for b.Loop() {
				p.Match(key)
			}
		})
	}
}
