package convert

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/jsonread"
)

// JSONOptions say how JSON is read.
type JSONOptions struct {
	Name      string // of the file, for error texts
	MaxString int64  // the most bytes that a string may have in memory, 0 for 1 GiB
}

// JSONReader reads back what Dump writes as NDJSON or JSON: keys with their
// values, and records that are no keys. The members of an object come in the
// order in which Dump writes them; others are passed over.
//
// An entry and its bytes are borrowed until the next call of Next. What Dump
// has redacted (sha256) or written as bare hexadecimal digits reads as the text
// that it is.
type JSONReader struct {
	in    *jsonread.Reader
	o     JSONOptions
	array bool // the objects are in an array
	begun bool
	e     entry.Entry
	meta  entry.Meta
	err   error // sticky

	open  bool // e is a key whose value has not been read to its end
	value jsonValue

	name, key, text, class []byte
	number                 []byte
}

// NewJSONReader returns a reader of r.
func NewJSONReader(r io.Reader, o JSONOptions) *JSONReader {
	if o.MaxString <= 0 {
		o.MaxString = 1 << 30
	}
	return &JSONReader{in: jsonread.New(r, o.MaxString), o: o, key: []byte{}} // an empty key is not a missing one
}

// Next returns the next entry, io.EOF after the last. Text that is not what
// Dump writes is an *entry.CorruptError. An error is final.
func (r *JSONReader) Next() (*entry.Entry, error) {
	if r.err == nil {
		if err := r.next(); err == io.EOF {
			r.err = err
		} else if err != nil {
			r.err = r.fault(err)
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	return &r.e, nil
}

// fault is the error for err, met where the reader stands.
func (r *JSONReader) fault(err error) error {
	var done *entry.CorruptError
	if errors.As(err, &done) {
		return err
	}
	var wrong *jsonError
	switch {
	case errors.Is(err, jsonread.ErrCut):
		err = entry.ErrTruncated
	case errors.Is(err, jsonread.ErrTooLong):
		err = fmt.Errorf("%w: %w", err, entry.ErrTooLarge)
	case errors.As(err, &wrong):
	case jsonread.IsSource(err):
		return err
	}
	place := entry.Place{File: r.o.Name, Offset: r.in.Offset(), DB: r.e.DB, Element: -1, Construct: "json"}
	if r.e.Key != nil {
		place.Key = bytes.Clone(r.e.Key)
	}
	return &entry.CorruptError{Place: place, Err: err}
}

// jsonError is JSON that means nothing here.
type jsonError struct{ text string }

func (e *jsonError) Error() string { return e.text }

func wrong(format string, args ...any) error { return &jsonError{fmt.Sprintf(format, args...)} }

func (r *JSONReader) next() error {
	if r.open {
		for r.value.Next() {
		}
		if r.value.err != nil {
			return r.value.err
		}
		r.open = false
		if err := r.rest(); err != nil {
			return err
		}
	}
	r.e = entry.Entry{RDBType: -1, ExpireAt: entry.NoExpire, Idle: -1, Freq: -1, Size: -1, Len: -1}
	if !r.begun {
		r.begun = true
		if c, err := r.in.Peek(); err != nil {
			return err
		} else if r.array = c == '['; r.array {
			if err := r.in.Open('['); err != nil {
				return err
			}
		}
	}
	if r.array {
		more, err := r.in.More(']')
		if err != nil {
			return err
		}
		if !more {
			r.array = false
		}
	}
	if _, err := r.in.Peek(); err != nil {
		if err == io.EOF && r.array {
			return jsonread.ErrCut
		}
		return err
	}
	r.e.Offset = r.in.Offset()
	if err := r.in.Open('{'); err != nil {
		return err
	}
	return r.head()
}

// head reads an object up to the value of a key, or all of a record that is no
// key.
func (r *JSONReader) head() error {
	e := &r.e
	for {
		more, err := r.in.More('}')
		if err != nil {
			return err
		}
		if !more {
			return r.endless()
		}
		if r.name, err = r.in.AppendName(r.name[:0]); err != nil {
			return err
		}
		switch string(r.name) {
		case "db":
			var db uint64
			db, err = r.uint(1<<31 - 1)
			e.DB = int(db)
		case "key":
			r.key, err = r.bytes(r.key[:0])
			e.Key = r.key
		case "type":
			if r.text, err = r.in.AppendString(r.text[:0]); err != nil {
				return err
			}
			if kind, ok := metaKind(string(r.text)); ok {
				return r.record(kind)
			}
			if e.Type, err = entry.ParseType(string(r.text)); err != nil {
				return wrong("%v", err)
			}
		case "encoding":
			if r.text, err = r.in.AppendString(r.text[:0]); err == nil {
				if e.Encoding, err = entry.ParseEncoding(string(r.text)); err != nil {
					return wrong("%v", err)
				}
			}
		case "expire_at_ms":
			e.ExpireAt, err = r.int()
		case "idle_seconds":
			e.Idle, err = r.int()
		case "freq":
			var freq uint64
			freq, err = r.uint(255)
			e.Freq = int16(freq)
		case "key_meta":
			err = r.keyMeta()
		case "value":
			switch {
			case e.Type == entry.TypeNone:
				return wrong("the type must come before the value")
			case e.Key == nil:
				return wrong("the key must come before the value")
			}
			r.open = true
			return r.value.begin(r)
		default:
			err = r.in.Skip()
		}
		if err != nil {
			return err
		}
	}
}

// endless is the error for an object that has come to its end without a value.
func (r *JSONReader) endless() error {
	if r.e.Key != nil {
		return wrong("the key has no value: it cannot be read back from what was written without values")
	}
	return wrong("an object without a key")
}

// rest passes over what follows the value.
func (r *JSONReader) rest() error {
	for {
		more, err := r.in.More('}')
		if err != nil || !more {
			return err
		}
		if r.name, err = r.in.AppendName(r.name[:0]); err != nil {
			return err
		}
		if err := r.in.Skip(); err != nil {
			return err
		}
	}
}

// each calls do with the name of every member of the object that is due. do
// reads the value; one that it does not know it leaves by returning false.
func (r *JSONReader) each(do func(name string) (known bool, err error)) error {
	if err := r.in.Open('{'); err != nil {
		return err
	}
	for {
		more, err := r.in.More('}')
		if err != nil || !more {
			return err
		}
		if r.name, err = r.in.AppendName(r.name[:0]); err != nil {
			return err
		}
		known, err := do(string(r.name))
		if err == nil && !known {
			err = r.in.Skip()
		}
		if err != nil {
			return err
		}
	}
}

// list calls do for every element of the array that is due.
func (r *JSONReader) list(do func() error) error {
	if err := r.in.Open('['); err != nil {
		return err
	}
	for {
		more, err := r.in.More(']')
		if err != nil || !more {
			return err
		}
		if err := do(); err != nil {
			return err
		}
	}
}

const base64Mark = "base64:"

// bytes appends the byte string that is due, by the rule of Dump.
func (r *JSONReader) bytes(dst []byte) ([]byte, error) {
	start := len(dst)
	dst, err := r.in.AppendString(dst)
	if err != nil {
		return dst, err
	}
	return decoded(dst, start)
}

// decoded turns the text behind dst[start] into the bytes that it stands for.
func decoded(dst []byte, start int) ([]byte, error) {
	code, ok := bytes.CutPrefix(dst[start:], []byte(base64Mark))
	if !ok {
		return dst, nil
	}
	n, err := base64.StdEncoding.Strict().Decode(dst[start:], code)
	if err != nil {
		return dst, wrong("a string that begins with base64: is no base64")
	}
	return dst[:start+n], nil
}

func (r *JSONReader) uint(most uint64) (v uint64, err error) {
	if r.number, err = r.in.AppendNumber(r.number[:0]); err != nil {
		return 0, err
	}
	v, err = strconv.ParseUint(string(r.number), 10, 64)
	if err != nil || v > most {
		return 0, wrong("number %s, a whole number up to %d is due", r.number, most)
	}
	return v, nil
}

func (r *JSONReader) int() (v int64, err error) {
	if r.number, err = r.in.AppendNumber(r.number[:0]); err != nil {
		return 0, err
	}
	if v, err = strconv.ParseInt(string(r.number), 10, 64); err != nil {
		return 0, wrong("number %s, a whole number is due", r.number)
	}
	return v, nil
}

// orUnknown reads a number, or null for one that is not known.
func (r *JSONReader) orUnknown() (int64, error) {
	if c, err := r.in.Peek(); err == nil && c == 'n' {
		return entry.Unknown, r.in.Word("null")
	}
	return r.int()
}

// id reads a stream ID.
func (r *JSONReader) id() (id entry.StreamID, err error) {
	if r.text, err = r.in.AppendString(r.text[:0]); err != nil {
		return id, err
	}
	ms, seq, ok := bytes.Cut(r.text, []byte("-"))
	var err1, err2 error
	id.Ms, err1 = strconv.ParseUint(string(ms), 10, 64)
	id.Seq, err2 = strconv.ParseUint(string(seq), 10, 64)
	if !ok || err1 != nil || err2 != nil {
		return id, wrong("%q is no stream ID", r.text[:min(len(r.text), 64)])
	}
	return id, nil
}

// keyMeta reads what module classes attached to the key.
func (r *JSONReader) keyMeta() error {
	return r.list(func() error {
		var m entry.KeyMeta
		err := r.each(func(name string) (bool, error) {
			var err error
			switch name {
			case "class":
				r.class, err = r.in.AppendString(r.class[:0])
				m.Class = string(r.class)
			case "version":
				var v uint64
				v, err = r.uint(31)
				m.Version = int(v)
			case "flags":
				var v uint64
				v, err = r.uint(7)
				m.Flags = uint8(v)
			case "data":
				m.Data, err = r.bytes(nil)
			default:
				return false, nil
			}
			return true, err
		})
		r.e.KeyMeta = append(r.e.KeyMeta, m)
		return err
	})
}
