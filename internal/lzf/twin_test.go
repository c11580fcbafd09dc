package lzf

import (
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// appendTwin is the plain routine that the fast ones are compared with: one
// byte at a time, every check where its byte is read.
func appendTwin(dst, src []byte, n int) ([]byte, error) {
	var out []byte
	for len(src) > 0 {
		if len(out) == n {
			return dst, ErrTooLong
		}
		c := int(src[0])
		if c < 32 {
			c++
			if len(src) < 1+c {
				return dst, ErrTruncated
			}
			if len(out)+c > n {
				return dst, ErrTooLong
			}
			out = append(out, src[1:1+c]...)
			src = src[1+c:]
			continue
		}
		count, header := c>>5, 2
		if count == 7 {
			header = 3
		}
		if len(src) < header {
			return dst, ErrTruncated
		}
		if count == 7 {
			count += int(src[1])
		}
		count += 2
		off := (c&0x1F)<<8 + int(src[header-1]) + 1
		if len(out)+count > n {
			return dst, ErrTooLong
		}
		if off > len(out) {
			return dst, ErrOffset
		}
		for range count {
			out = append(out, out[len(out)-off])
		}
		src = src[header:]
	}
	if len(out) < n {
		return dst, ErrTooShort
	}
	return append(dst, out...), nil
}

// sameReason tells whether two errors wrap the same sentinel, or are both nil.
func sameReason(a, b error) bool {
	for _, reason := range []error{ErrTruncated, ErrOffset, ErrTooLong, ErrTooShort, ErrLength} {
		if errors.Is(a, reason) != errors.Is(b, reason) {
			return false
		}
	}
	return (a == nil) == (b == nil)
}

// withSlack returns a copy of p with spare capacity full of bytes that would
// be seen if they were taken for tokens or literals.
func withSlack(p []byte, slack int) []byte {
	q := make([]byte, len(p)+slack)
	copy(q, p)
	for i := len(p); i < len(q); i++ {
		q[i] = byte(0xE0 + i%32)
	}
	return q[:len(p)]
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// jsonText makes text like API answers kept in a cache: keys repeat, values
// are random, so that matches and literal runs are about seven bytes long.
func jsonText(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	names := []string{"garden", "harbor", "island", "journal", "kitchen", "lemon", "market"}
	p := make([]byte, 0, n+64)
	for len(p) < n {
		p = append(p, `{"id":`...)
		p = strconv.AppendUint(p, uint64(r.Uint32()), 10)
		p = append(p, `,"name":"`...)
		p = append(p, names[r.IntN(len(names))]...)
		p = append(p, `","items":[`...)
		for range 1 + r.IntN(8) {
			p = append(p, `{"sku":"`...)
			p = strconv.AppendUint(p, uint64(r.Uint32()), 16)
			p = append(p, `","qty":`...)
			p = strconv.AppendInt(p, int64(r.IntN(20)), 10)
			p = append(p, `,"price":`...)
			p = strconv.AppendFloat(p, float64(r.IntN(99999))/100, 'f', 2, 64)
			p = append(p, `},`...)
		}
		p = append(p, `]}`...)
	}
	return p[:n]
}

func randomBytes(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 2))
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	return p
}

// pack packs p and fails the test if that does not pay.
func pack(t testing.TB, p []byte) []byte {
	t.Helper()
	packed, ok := new(Compressor).Compress(nil, p)
	if !ok {
		t.Fatalf("%d bytes were not packed", len(p))
	}
	return packed
}
