package pattern

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// meaning has a regular expression for what each placeholder may stand for: the
// simple twin of the code that finds it. {bin} takes in words that stand before
// it or behind it.
var meaning = map[string]string{
	number:   `-?[0-9]+(?:[.][0-9]+|(?:-[0-9]+){2,}|(?: [0-9]+){2,})?`,
	hex:      `(?:0x[0-9a-fA-F]+|[0-9a-fA-F]{8,}|[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5})`,
	uuid:     `[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`,
	date:     `(?:[12][09][0-9]{2}(?:[-/_.:]?(?:0[1-9]|1[0-2])(?:[-/_.:]?(?:0[1-9]|[12][0-9]|3[01]))?|-?[wW][0-5][0-9]|-?[qQ][1-4])|[0-3][0-9][-/.][0-3][0-9][-/.][12][09][0-9]{2})`,
	datetime: `[0-9]{2,4}[-/_.:]?[0-9]{2}[-/_.:]?[0-9]{2,4}[tT _:-]?[0-2][0-9](?::?[0-5][0-9]){0,2}(?:[.][0-9]+)?(?:[zZ]|[+-][0-9]{2}:?(?:[0-9]{2})?)?`,
	ip:       `(?:(?:[0-9]{1,3}[.]){3}[0-9]{1,3}|[23fF][0-9a-fA-F]{3}(?::{1,2}[0-9a-fA-F]{1,4}){0,7}(?:::)?)`,
	email:    `[^@:/ ]{1,64}@[^@:/ ]+[.][^@:/ .]{2,}`,
	jwt:      `eyJ[0-9A-Za-z_=-]+[.]eyJ[0-9A-Za-z_=-]+[.][0-9A-Za-z_=-]+`,
	ident:    `[0-9A-Za-z+/=_-]{4,}`,
	binary:   `(?s:.+)`,
	rest:     `(?s:.+)`,
}

// template makes a regular expression of a pattern.
func template(t *testing.T, name string) *regexp.Regexp {
	t.Helper()
	var re strings.Builder
	re.WriteString(`^`)
	for i := 0; i < len(name); {
		if n := placeholder([]byte(name[i:])); n > 0 {
			m, ok := meaning[name[i:i+n]]
			if !ok {
				t.Fatalf("%.200q has a placeholder that Append does not make", name)
			}
			re.WriteString(m)
			i += n
			continue
		}
		// An equals sign that tells a brace of the key from a placeholder.
		if name[i] == '{' && i+1 < len(name) && name[i+1] == '=' && known(bytes.TrimLeft([]byte(name[i+1:]), "=")) > 0 {
			re.WriteString(`\{`)
			i += 2
			continue
		}
		_, n := utf8.DecodeRuneInString(name[i:])
		re.WriteString(regexp.QuoteMeta(name[i : i+n]))
		i += n
	}
	re.WriteString(`$`)
	return regexp.MustCompile(re.String())
}

// latin makes each byte a character, so that a regular expression takes any.
func latin(key []byte) string {
	r := make([]rune, len(key))
	for i, c := range key {
		r[i] = rune(c)
	}
	return string(r)
}

func checkAppend(t *testing.T, key []byte) {
	t.Helper()
	before := bytes.Clone(key)
	name := string(Append(nil, key))
	if !bytes.Equal(key, before) {
		t.Fatalf("Append(%.200q) wrote to the key", before)
	}
	if again := string(Append([]byte("{n}:-"), key)); again != "{n}:-"+name {
		t.Errorf("Append(%.200q) = %.200q, and behind other text %.200q", key, name, again)
	}
	if len(name) > maxRaw {
		t.Errorf("Append(%.200q) has %d bytes", key, len(name))
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		t.Errorf("Append(%.200q) = %.200q is no text", key, name)
	}
	// A character beyond ASCII is compared byte by byte, as the key may hold none.
	if !template(t, latin([]byte(name))).MatchString(latin(key)) {
		t.Errorf("Append(%.200q) = %.200q, which does not match", key, name)
	}
	checkPath(t, name)

	literal := AppendLiteral(nil, key)
	if len(literal) > maxRaw || !utf8.Valid(literal) {
		t.Errorf("AppendLiteral(%.200q) = %.200q", key, literal)
	}
	if !template(t, latin(literal)).MatchString(latin(key)) {
		t.Errorf("AppendLiteral(%.200q) = %.200q, which does not match", key, literal)
	}
}

// pieces are what keys in the tests are put together of.
var pieces = []string{
	"user", "User", "cart", "a", "x", "how", "to", "é", "用户", "session", "ID", "eyJhbGciOiJIUzI1NiJ9",
	"1", "42", "007", "2024", "01", "31", "12", "20240131", "202401", "192", "168", "1700000000", "2001", "db8", "fe80",
	"deadbeef", "5f0c7e1b", "0a7c", "0d3c1a8b7e11", "a1b2c3", "aB3xY9kQ", "v2", "h264", "4eC39HqLyjWDarjtT1zdp7dc", "T10", "Z", "W05", "Q3",
	":", ":", ":", ".", ".", "/", "-", "-", "_", "::", "|", "#", "@", " ", ",", "+", "=", "%20", "%", "{", "}", "{n}", "{id}", "{=n}", "{*}",
	"\x00", "\xff", "\n", "\u202e", "\u200d",
}

func piecedKey(r *rand.Rand) []byte {
	var key []byte
	for range 1 + r.IntN(12) {
		key = append(key, pieces[r.IntN(len(pieces))]...)
	}
	return key
}

func TestAppendOfPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 15_000 {
		checkAppend(t, piecedKey(r))
		if t.Failed() {
			return
		}
	}
}

func TestAppendLong(t *testing.T) {
	for _, p := range pieces {
		for _, n := range []int{maxRaw, 1000, 10_000} {
			checkAppend(t, bytes.Repeat([]byte(p), n))
		}
	}
	if got := string(Append(nil, bytes.Repeat([]byte("xy:"), 1000))); !strings.HasSuffix(got, rest) {
		t.Errorf("the name of a long key is %.200q", got)
	}
}

func FuzzAppend(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		f.Add(piecedKey(r))
	}
	f.Fuzz(checkAppend)
}

func BenchmarkAppend(b *testing.B) {
	for _, key := range []string{
		"user:1000423:profile:settings1",
		"user:5f0c7e1b-0a7c-4a53-9f0e-0d3c1a8b7e11",
		"sess:4eC39HqLyjWDarjtT1zdp7dc9f",
		"laravel_cache:views:home_page:en",
		"stats:2024-01-31:page:views:all",
	} {
		b.Run(key, func(b *testing.B) {
			k, dst := []byte(key), make([]byte, 0, 256)
			b.SetBytes(int64(len(key)))
			b.ReportAllocs()
			for b.Loop() {
				dst = Append(dst[:0], k)
			}
		})
	}
}
