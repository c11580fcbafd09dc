package convert

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/rdbtool/rdbtool/internal/crc64"
	"github.com/rdbtool/rdbtool/internal/lzf"
)

// file builds RDB files by hand.
type file struct{ bytes.Buffer }

func newFile() *file {
	f := &file{}
	f.WriteString("REDIS0012")
	return f
}

func (f *file) length(n int) {
	switch {
	case n < 1<<6:
		f.WriteByte(byte(n))
	case n < 1<<14:
		f.Write([]byte{0x40 | byte(n>>8), byte(n)})
	default:
		f.WriteByte(0x80)
		f.Write(binary.BigEndian.AppendUint32(nil, uint32(n)))
	}
}

func (f *file) str(s string) {
	f.length(len(s))
	f.WriteString(s)
}

func (f *file) lzf(s string) {
	var c lzf.Compressor
	packed, ok := c.Compress(nil, []byte(s))
	if !ok {
		panic("does not pack")
	}
	f.WriteByte(0xC3)
	f.length(len(packed))
	f.length(len(s))
	f.Write(packed)
}

func (f *file) key(typ byte, key string) *file {
	f.WriteByte(typ)
	f.str(key)
	return f
}

func (f *file) string(key, value string) { f.key(0, key).str(value) }

func (f *file) strings(typ byte, key string, n int, values ...string) {
	f.key(typ, key).length(n)
	for _, v := range values {
		f.str(v)
	}
}

// end closes the file with a footer.
func (f *file) end() []byte {
	f.WriteByte(0xFF)
	return binary.LittleEndian.AppendUint64(f.Bytes(), crc64.Update(0, f.Bytes()))
}

// manyKeys is a file of small keys with a few large ones between them.
func manyKeys() []byte {
	f := newFile()
	for i := range 3000 {
		f.string(fmt.Sprintf("key:%d", i), fmt.Sprintf("value %d %s", i, bytes.Repeat([]byte{'x'}, i%700)))
		switch i {
		case 500:
			f.key(1, "big list").length(60000)
			for j := range 60000 {
				f.str(fmt.Sprintf("item %d of the list that is too long for a batch %d", j, j*j))
			}
		case 1000:
			f.string("big text", string(bytes.Repeat([]byte("text with \"quotes\"\n"), 200_000)))
		case 1001:
			f.key(4, "big fields").length(2)
			f.str("f1")
			f.lzf(string(bytes.Repeat([]byte{0}, 5_000_000)))
			f.str("f2")
			f.str(string(bytes.Repeat([]byte{0xff, 'a'}, 600_000)))
		case 2999:
			f.strings(2, "last", 2, string(bytes.Repeat([]byte("한국어"), 400_000)), "base64: is no text")
		}
	}
	return f.end()
}

// testTime is the time of tests that need one.
var testTime = time.Unix(1_700_000_000, 0)
