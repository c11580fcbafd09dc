package keyspace

import (
	"encoding/hex"
	"strings"
	"testing"
)

// The values are those of an implementation that is in wide use.
func TestXXH3(t *testing.T) {
	for _, c := range []struct {
		n      int
		lo, hi uint64
	}{
		{0, 0x6001c324468d497f, 0x99aa06d3014798d8},
		{1, 0xc44bdff4074eecdb, 0xa6cd5e9392000f6a},
		{2, 0x9093381c8763d62e, 0xb519c2793d896766},
		{3, 0xc3489259e968ad9e, 0x656e81c56e41fe02},
		{4, 0x81a65295de8e7dde, 0xab5c3e7474d809db},
		{8, 0xebabbd0695002ff6, 0xe4b9dd0b66ff3c50},
		{9, 0x1c69c3f04aaed08c, 0x82ddc95bc7600767},
		{16, 0x94eaa17b20756f46, 0xddf6c1254d70f767},
		{17, 0x735fe434ded90c3c, 0x263f67af63088041},
		{32, 0x407920045a9a834c, 0xa86b514658f976a5},
		{33, 0x8b59b4dfba3c9de4, 0xa943d80ce26ed292},
		{64, 0xedae5e0312655703, 0xa7fa95f7f23b64a7},
		{96, 0xacb9f0967e182865, 0xdbfa0cd6e568ef54},
		{97, 0xfee64835dcb60271, 0xbc31691d04ea6efe},
		{128, 0xc6bd21ecc865f29f, 0xdd9e5aa9bd51cc9c},
		{129, 0x7f4accb76587485b, 0x433635cf8d872e},
		{160, 0x8d4baacce68f2d0, 0x2282232242346ee6},
		{161, 0x81eb66ebe6de9f17, 0xcc5fdeb06fc0ec4f},
		{240, 0xd10beb4e0599e4b3, 0x89e3a0a2ee355d25},
		{241, 0x541b19226f0052e8, 0x75f4da43f23cce5a},
		{512, 0xe0410eb388a9c9fa, 0x3f0a980eaa6f28f8},
		{1024, 0x71bee625238addb4, 0xa3da96fbd6887361},
		{1025, 0xd9b414f4e1bbf7ad, 0xa53cd4fd16206676},
		{5000, 0xed0146266d138bd8, 0xe814573b3db786c4},
	} {
		b := make([]byte, c.n)
		for i := range b {
			b[i] = byte(i*7 + i>>8)
		}
		if got := xxh3(b); got != (hash128{c.lo, c.hi}) {
			t.Errorf("of %d bytes: %x, want %x %x", c.n, got, c.lo, c.hi)
		}
	}
}

// A server has said so.
func TestAutoIID(t *testing.T) {
	for _, c := range []struct {
		fields []string
		want   string
	}{
		{[]string{"f", "v"}, "6e95729ee727f0814aedffba55730079"},
		{[]string{"a", "1", "b", "2"}, "c5b282935f77a53123e1ff7a302a11f2"},
		{[]string{"b", "2", "a", "1"}, "c5b282935f77a53123e1ff7a302a11f2"},
		{[]string{"a", strings.Repeat("x", 300)}, "bfe4b6f13df13d858b07577007675d52"},
	} {
		if got := hex.EncodeToString(autoIID(streamWords(c.fields))); got != c.want {
			t.Errorf("%.40q: %s, want %s", c.fields, got, c.want)
		}
	}
}
