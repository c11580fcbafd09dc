package size

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/rdbtool/rdbtool/internal/intset"
	"github.com/rdbtool/rdbtool/internal/listpack"
	"github.com/rdbtool/rdbtool/internal/ziplist"
)

// draw returns strings and numbers of all lengths, near the borders too.
func draw(rnd *rand.Rand, n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		switch rnd.IntN(4) {
		case 0:
			shift := rnd.IntN(64)
			out[i] = strconv.AppendInt(nil, int64(rnd.Uint64()>>shift)*int64(1-2*rnd.IntN(2)), 10)
		case 1:
			border := []int{0, 31, 63, 64, 126, 250, 252, 253, 254, 4095, 4096, 16383, 16384}[rnd.IntN(13)]
			out[i] = make([]byte, max(0, border+rnd.IntN(3)-1))
		default:
			out[i] = make([]byte, rnd.IntN(200))
		}
		if len(out[i]) > 0 && out[i][0] == 0 {
			out[i][0] = 'x'
		}
	}
	return out
}

// TestPacker holds the lengths of blobs against blobs that are built.
func TestPacker(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		elements := draw(rnd, rnd.IntN(40))
		var p packer
		var lp listpack.Writer
		var zl ziplist.Writer
		lp.Reset(nil)
		zl.Reset(nil)
		p.reset(false)
		for _, e := range elements {
			p.text(e)
			lp.AppendText(e)
		}
		if got, want := p.bytes, int64(len(lp.Finish())); got != want {
			t.Fatalf("listpack of %q: %d bytes, want %d", elements, got, want)
		}
		p.reset(true)
		for _, e := range elements {
			p.text(e)
			zl.AppendText(e)
		}
		if got, want := p.bytes, int64(len(zl.Finish())); got != want {
			t.Fatalf("ziplist of %q: %d bytes, want %d", elements, got, want)
		}
	}
}

func TestIntsetWidth(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		v := int64(rnd.Uint64() >> rnd.IntN(64))
		if rnd.IntN(2) == 0 {
			v = -v
		}
		if got, want := intsetHead+intsetWidth(v), int64(len(intset.Append(nil, []int64{v}))); got != want {
			t.Errorf("intset of %d: %d bytes, want %d", v, got, want)
		}
	}
}

func TestInteger(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "7": true, "-1": true, "9223372036854775807": true, "-9223372036854775808": true,
		"": false, "-": false, "00": false, "-0": false, "+1": false, " 1": false, "1 ": false, "1e3": false,
		"9223372036854775808": false, "123456789012345678901": false, "1_000": false, "0x1": false,
	} {
		if v, ok := integer([]byte(text)); ok != want || ok && strconv.FormatInt(v, 10) != text {
			t.Errorf("%q: %d %v", text, v, ok)
		}
	}
}

func TestDigits(t *testing.T) {
	for _, v := range []int64{0, 9, 10, -1, -10, 1 << 62, -1 << 63, 99, 100} {
		if got, want := digits(v), int64(len(strconv.FormatInt(v, 10))); got != want {
			t.Errorf("%d: %d digits, want %d", v, got, want)
		}
	}
}
