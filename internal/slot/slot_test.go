package slot

import (
	"bytes"
	"strings"
	"testing"
)

// The slots are what CLUSTER KEYSLOT answered on Redis 8.0 and Valkey 9.1.
var cases = []struct {
	key  string
	slot int
}{
	{"", 0},
	{"a", 15495},
	{"1000", 11326},
	{"123456789", 0x31c3},
	{"\x00", 0},
	{"\xff", 7920},
	{"\r\n", 5910},
	{strings.Repeat("x", 1000), 3195},

	{"{a}", 15495},
	{"user:{1000}:name", 11326},
	{"a{b}c{d}", 3300},
	{"foo{bar}{zap}", 5061},
	{"foo{{bar}}zap", 4015},
	{"{a}}", 15495},
	{"}{a}", 15495},
	{"{{a}}", 10276},
	{"{a{b}c}", 13340},
	{"{\x00}x", 0},
	{"\xff\xfe{\x80}\x01", 4488},

	// No tag: hashed whole.
	{"{}", 15257},
	{"{", 4092},
	{"}", 12090},
	{"{a", 10276},
	{"a}", 5921},
	{"{}a", 10875},
	{"{}{a}", 13650},
	{"a{}b{c}d", 8147},
	{"}{", 12793},

	// The tag is the second "{".
	{"{{}", 4092},
}

func TestAsServersAnswer(t *testing.T) {
	for _, c := range cases {
		if got := Of([]byte(c.key)); got != c.slot {
			t.Errorf("key %.40q: slot %d, a server says %d", c.key, got, c.slot)
		}
	}
}

// plainOf takes the key bit by bit and byte by byte.
func plainOf(key []byte) int {
	if _, rest, ok := bytes.Cut(key, []byte("{")); ok {
		if tag, _, ok := bytes.Cut(rest, []byte("}")); ok && len(tag) > 0 {
			key = tag
		}
	}
	var crc uint16
	for _, c := range key {
		for bit := 7; bit >= 0; bit-- {
			top := crc>>15 ^ uint16(c)>>bit&1
			crc <<= 1
			if top == 1 {
				crc ^= 1<<12 | 1<<5 | 1
			}
		}
	}
	return int(crc & 0x3fff)
}

func FuzzOf(f *testing.F) {
	for _, c := range cases {
		f.Add([]byte(c.key))
	}
	f.Fuzz(func(t *testing.T, key []byte) {
		if got, want := Of(key), plainOf(key); got != want {
			t.Errorf("key %q: slot %d, bit by bit %d", key, got, want)
		}
	})
}

func BenchmarkOf(b *testing.B) {
	for _, c := range []struct{ name, key string }{
		{"whole", "tenant:0042:session:8f14e45fceea167a:profile"},
		{"tag", "tenant:{0042}:session:8f14e45fceea167a:profile"},
	} {
		b.Run(c.name, func(b *testing.B) {
			key := []byte(c.key)
			b.ReportAllocs()
			b.SetBytes(int64(len(key)))
			for b.Loop() {
				Of(key)
			}
		})
	}
}
