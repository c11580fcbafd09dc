package rdb_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/rdbtool/rdbtool/internal/crc64"
	"github.com/rdbtool/rdbtool/internal/lzf"
)

// What follows builds RDB files by hand. Read from top to bottom it tells the
// format: bytes, lengths, strings, records, files; the blobs inside strings are
// in build_blobs_test.go, the values of streams in build_stream_test.go.

// hx returns the bytes that s spells in the notation of format descriptions:
// hex pairs, "text", and XX*n for n times the byte XX. Blanks, commas, bars and
// angle brackets only group.
func hx(s string) []byte {
	var out []byte
	for s != "" {
		switch {
		case strings.ContainsRune(" |,<>\n\t", rune(s[0])):
			s = s[1:]
		case s[0] == '"':
			end := strings.IndexByte(s[1:], '"')
			out = append(out, s[1:1+end]...)
			s = s[end+2:]
		default:
			b, err := hex.DecodeString(s[:2])
			if err != nil {
				panic(err)
			}
			s = s[2:]
			times := 1
			if strings.HasPrefix(s, "*") {
				n := 1
				for n < len(s) && s[n] >= '0' && s[n] <= '9' {
					n++
				}
				times, _ = strconv.Atoi(s[1:n])
				s = s[n:]
			}
			for range times {
				out = append(out, b...)
			}
		}
	}
	return out
}

// cat joins parts: bytes as they are, text as its bytes, an int as one byte.
func cat(parts ...any) []byte {
	var out []byte
	for _, p := range parts {
		switch p := p.(type) {
		case []byte:
			out = append(out, p...)
		case string:
			out = append(out, p...)
		case int:
			out = append(out, byte(p))
		default:
			panic(fmt.Sprintf("cannot join a %T", p))
		}
	}
	return out
}

// repeat returns n times b.
func repeat(n int, b []byte) []byte {
	var out []byte
	for range n {
		out = append(out, b...)
	}
	return out
}

// Lengths: the two top bits of the first byte tell how many bytes there are.

// num returns n as a length in the shortest form.
func num(n uint64) []byte {
	switch {
	case n < 1<<6:
		return []byte{byte(n)}
	case n < 1<<14:
		return []byte{0x40 | byte(n>>8), byte(n)}
	case n <= math.MaxUint32:
		return num32(uint32(n))
	}
	return num64(n)
}

// num32 and num64 are the long forms, which may hold short lengths too.
func num32(n uint32) []byte { return binary.BigEndian.AppendUint32([]byte{0x80}, n) }
func num64(n uint64) []byte { return binary.BigEndian.AppendUint64([]byte{0x81}, n) }

// Numbers of fixed width are little endian.

func ms8(n int64) []byte   { return binary.LittleEndian.AppendUint64(nil, uint64(n)) }
func dbl(f float64) []byte { return binary.LittleEndian.AppendUint64(nil, math.Float64bits(f)) }

// Strings: a length and bytes, or one of the special forms, whose first byte
// has both top bits set.

func str(s string) []byte { return cat(num(uint64(len(s))), s) }

func strInt8(v int8) []byte   { return []byte{0xC0, byte(v)} }
func strInt16(v int16) []byte { return binary.LittleEndian.AppendUint16([]byte{0xC1}, uint16(v)) }
func strInt32(v int32) []byte { return binary.LittleEndian.AppendUint32([]byte{0xC2}, uint32(v)) }

// strLZF packs s: packed length, unpacked length, packed bytes.
func strLZF(s string) []byte {
	var c lzf.Compressor
	packed, ok := c.Compress(nil, []byte(s))
	if !ok {
		panic("the string does not pack")
	}
	return cat(0xC3, num(uint64(len(packed))), num(uint64(len(s))), packed)
}

// strs returns texts one after the other.
func strs(texts ...string) []byte {
	var out []byte
	for _, s := range texts {
		out = append(out, str(s)...)
	}
	return out
}

// textDouble is the score of old sorted sets: a byte for its length, its text.
func textDouble(s string) []byte { return cat(len(s), s) }

// Records: type, key, value; or opcode and what belongs to it.

func record(typ byte, key string, value ...[]byte) []byte {
	out := cat(int(typ), str(key))
	for _, v := range value {
		out = append(out, v...)
	}
	return out
}

func selectDB(db uint64) []byte            { return cat(0xFE, num(db)) }
func resizeDB(keys, expires uint64) []byte { return cat(0xFB, num(keys), num(expires)) }
func aux(name, value string) []byte        { return cat(0xFA, str(name), str(value)) }
func expireMs(ms int64) []byte             { return cat(0xFC, ms8(ms)) }
func template(id uint64, n ...string) []byte {
	return cat(0xF2, num(id), num(uint64(len(n))), strs(n...))
}

// Files: magic, records, FF and, since version 5, the checksum of all of it.

func file(magic string, parts ...[]byte) []byte {
	out := []byte(magic)
	for _, p := range parts {
		out = append(out, p...)
	}
	return sealed(append(out, 0xFF))
}

// sealed appends the footer to a file that ends with the EOF opcode.
func sealed(b []byte) []byte {
	if old := string(b[:5]) == "REDIS" && string(b[5:9]) < "0005"; old {
		return b
	}
	return binary.LittleEndian.AppendUint64(b, crc64.Update(0, b))
}

// unsealed is a file of a writer that computes no checksums.
func unsealed(magic string, parts ...[]byte) []byte {
	return unseal(file(magic, parts...))
}

// unseal returns the file with a footer of zeros.
func unseal(b []byte) []byte {
	out := append([]byte{}, b...)
	clear(out[len(out)-8:])
	return out
}

// moduleID packs a name of nine characters and a version of ten bits.
func moduleID(name string, version int) uint64 {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	id := uint64(0)
	for _, c := range name {
		id = id<<6 | uint64(strings.IndexRune(alphabet, c))
	}
	return id<<10 | uint64(version)
}

// Items of module values: an opcode before each, 0 behind the last.

func itemSint(v int64) []byte  { return cat(1, num(uint64(v))) }
func itemUint(v uint64) []byte { return cat(2, num(v)) }
func itemFloat(f float32) []byte {
	return binary.LittleEndian.AppendUint32([]byte{3}, math.Float32bits(f))
}
func itemDouble(f float64) []byte {
	return cat(4, dbl(f))
}
func itemStr(s string) []byte { return cat(5, str(s)) }
