package rdb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/crc64"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// DumpDecoder decodes what DUMP answers and RESTORE takes: see
// Encoder.AppendDump for its form. One goroutine may use it at a time.
type DumpDecoder struct {
	opts  Options
	batch Batch
	skip  heads
	buf   []byte
}

// NewDumpDecoder returns a DumpDecoder. It heeds the limits of o, which may be
// nil.
func NewDumpDecoder(o *Options) *DumpDecoder {
	d := &DumpDecoder{}
	if o != nil {
		d.opts = *o
	}
	d.opts.Fragments = false
	d.batch.dec.opts = &d.opts
	d.skip.skim = true
	return d
}

// dumpFooter is the version and the checksum behind a payload.
const dumpFooter = 2 + 8

// dumpBody checks the end of a payload and returns what stands before it.
func dumpBody(payload []byte) (body []byte, v Version, err error) {
	n := len(payload) - dumpFooter
	if n < 0 {
		return nil, v, &entry.CorruptError{Place: dumpPlace, Err: entry.ErrTruncated}
	}
	if v.Number = int(binary.LittleEndian.Uint16(payload[n:])); v.Number >= minValkey {
		v.Family = Valkey
	}
	if !v.Known() {
		return nil, v, &entry.UnsupportedError{Place: dumpPlace, What: fmt.Sprintf("DUMP payload of RDB version %d", v.Number)}
	}
	stored := binary.LittleEndian.Uint64(payload[n+2:])
	if sum := crc64.Update(0, payload[:n+2]); stored != sum && stored != 0 {
		err := fmt.Errorf("checksum 0x%016x, computed 0x%016x: %w", stored, sum, entry.ErrChecksum)
		return nil, v, &entry.CorruptError{Place: dumpPlace, Err: err}
	}
	return payload[:n:n], v, nil
}

var dumpPlace = entry.Place{Element: -1, Construct: "DUMP payload"}

// Decode returns the value of a payload as an entry without a key. The entry
// and its value are borrowed until the next call; the payload is not kept.
// Damage that is met only while the value is read is an error of its cursor.
func (d *DumpDecoder) Decode(payload []byte) (*entry.Entry, error) {
	body, v, err := dumpBody(payload)
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		return nil, d.damaged(nil)
	}
	// A key is put where a record has one: behind the type.
	d.skip.state = state{grammar: grammar{version: v, types: &typesOf[v.Family], templates: &templates{}}}
	d.skip.arena.limit = maxUnpacked
	at := 0
	for body[at] == opKeyMeta && v.Family == Redis {
		n, u, _, err := d.skip.next(body[at:])
		if err != nil || u != unitAttr || at+n >= len(body) {
			return nil, d.damaged(err)
		}
		at += n
	}
	typ := body[at]
	if d.skip.types[typ].layout == layUnknown {
		return nil, d.damaged(unknownByte{typ, &d.skip.grammar})
	}
	n, _, _, err := d.skip.skipValue(body[at+1:], typ)
	if err == nil && at+1+n != len(body) {
		err = errors.New("more bytes follow the value")
	}
	if err != nil {
		return nil, d.damaged(err)
	}
	d.buf = append(append(append(d.buf[:0], body[:at+1]...), 0), body[at+1:]...)
	b := &d.batch
	b.start = d.skip.state
	b.data, b.ends, b.base = d.buf, append(b.ends[:0], int32(len(d.buf))), 0
	b.open()
	e, err := b.Next()
	if err == io.EOF {
		err = d.damaged(nil)
	}
	return e, err
}

func (d *DumpDecoder) damaged(err error) error {
	if err == nil || err == rdbwire.ErrShort {
		err = entry.ErrTruncated
	}
	return fault(dumpPlace, d.skip.info, err)
}

// DecodeFunctions returns the code of the libraries in what FUNCTION DUMP
// answers:
//
//	{ F5 code } version u16 LE | CRC64 u64 LE
func DecodeFunctions(payload []byte) (codes [][]byte, err error) {
	body, v, err := dumpBody(payload)
	if err != nil {
		return nil, err
	}
	h := heads{state: state{grammar: grammar{version: v, types: &typesOf[v.Family], templates: &templates{}}}}
	h.arena.limit = int64(len(body)) + maxUnpacked
	for len(body) > 0 {
		n, u, _, err := h.next(body)
		if err == nil && (u != unitMeta || h.meta.Kind != entry.MetaFunction) {
			err = errors.New("something else than a library")
		}
		if err != nil {
			if err == rdbwire.ErrShort {
				err = entry.ErrTruncated
			}
			return nil, fault(dumpPlace, nil, err)
		}
		codes = append(codes, append([]byte{}, h.meta.Value...))
		body = body[n:]
	}
	return codes, nil
}
