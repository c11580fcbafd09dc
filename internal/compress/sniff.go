package compress

import (
	"io"
	"os"
)

// magicLen is how many bytes of a stream tell its format. Shorter streams are
// not compressed: no format makes any.
const magicLen = 4

// tell names the format of a stream that begins with head, at most magicLen
// bytes. While head is too short to tell, undecided is true.
func tell(head []byte) (f Format, undecided bool) {
	for _, m := range [...]struct {
		format Format
		magic  string
		mask   byte // of the first byte
	}{
		{LZ4, "\x04\x22\x4d\x18", 0xff},
		{Gzip, "\x1f\x8b", 0xff},
		{Zstd, "\x28\xb5\x2f\xfd", 0xff},
		{Zstd, "\x50\x2a\x4d\x18", 0xf0},
	} {
		n := min(len(head), len(m.magic))
		if n == 0 || head[0]&m.mask == m.magic[0] && string(head[1:n]) == m.magic[1:n] {
			if len(head) < magicLen {
				return None, true
			}
			return m.format, false
		}
	}
	return None, false
}

// plain gives the bytes of r from its start, though some have been read ahead.
// Each Read is one Read of r at most, straight into the caller's memory.
type plain struct {
	head []byte // read ahead and not given yet
	err  error  // what r said with or after them; nil: ask r
	r    io.Reader
}

// sniff reads no more of r than it takes to tell the format, which for
// most uncompressed streams is one Read. It fails if r does before that.
func sniff(r io.Reader) (*plain, Format, error) {
	p := &plain{head: make([]byte, 0, magicLen), r: r}
	for empty := 0; ; {
		f, undecided := tell(p.head)
		if !undecided {
			return p, f, nil
		}
		if p.err == io.EOF {
			return p, None, nil
		}
		if p.err != nil {
			return nil, None, p.err
		}
		var n int
		n, p.err = r.Read(p.head[len(p.head):magicLen])
		p.head = p.head[:len(p.head)+n]
		if n > 0 {
			empty = 0
		} else if empty++; empty == maxEmptyReads && p.err == nil {
			p.err = io.ErrNoProgress
		}
	}
}

func (p *plain) Read(b []byte) (int, error) {
	if len(p.head) > 0 {
		n := copy(b, p.head)
		p.head = p.head[n:]
		return n, nil
	}
	if p.err != nil {
		return 0, p.err
	}
	return p.r.Read(b)
}

func (p *plain) Close() error {
	p.head, p.err = nil, os.ErrClosed
	return nil
}
