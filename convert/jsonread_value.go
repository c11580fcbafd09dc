package convert

import (
	"math"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
)

// jsonValue is the cursor of the value of a key in JSON.
type jsonValue struct {
	r     *JSONReader
	elem  entry.Elem
	err   error
	ended bool

	step  func() (bool, error) // reads the next element
	data  []byte
	value []byte
	path  []byte

	stream jsonStream
	vector entry.Vector
	parsed bool // of a vector set: the first element is in elem
	vset   entry.VectorSet
	array  entry.ArrayInfo
	cron   entry.CronJob
}

// Elem returns the current element.
func (v *jsonValue) Elem() *entry.Elem { return &v.elem }

// Err returns what stopped Next.
func (v *jsonValue) Err() error { return v.err }

// Next moves to the next element.
func (v *jsonValue) Next() bool {
	if v.ended || v.err != nil {
		return false
	}
	ok, err := v.step()
	if err != nil {
		v.err = v.r.fault(err)
		return false
	}
	v.ended = !ok
	return ok
}

// begin makes v the cursor of the value that is due.
func (v *jsonValue) begin(r *JSONReader) error {
	v.r, v.err, v.ended, v.parsed = r, nil, false, false
	v.elem = entry.Elem{ExpireAt: entry.NoExpire}
	r.e.Value = v
	switch r.e.Type {
	case entry.String:
		r.e.Len, v.step = 1, v.single(v.text)
		return nil
	case entry.List, entry.Set:
		v.step = v.item
		return r.in.Open('[')
	case entry.ZSet:
		v.step = v.score
		return r.in.Open('{')
	case entry.Hash:
		v.step = v.field
		return r.in.Open('{')
	case entry.Stream:
		return v.beginStream()
	case entry.Module:
		return v.beginModule()
	case entry.Array:
		return v.beginArray()
	case entry.PathHash:
		return v.beginPaths()
	}
	v.step = v.single(v.job)
	return nil
}

// single is the step of a value of one element.
func (v *jsonValue) single(read func() error) func() (bool, error) {
	done := false
	return func() (bool, error) {
		if done {
			return false, nil
		}
		done = true
		return true, read()
	}
}

func (v *jsonValue) text() (err error) {
	v.data, err = v.r.bytes(v.data[:0])
	v.elem.Data = v.data
	return err
}

func (v *jsonValue) item() (bool, error) {
	more, err := v.r.in.More(']')
	if err != nil || !more {
		return false, err
	}
	return true, v.text()
}

// member reads the name of the next member of an object into Data.
func (v *jsonValue) member() (more bool, err error) {
	if more, err = v.r.in.More('}'); err != nil || !more {
		return false, err
	}
	if v.data, err = v.r.in.AppendName(v.data[:0]); err == nil {
		v.data, err = decoded(v.data, 0)
	}
	v.elem.Data = v.data
	return true, err
}

func (v *jsonValue) score() (bool, error) {
	more, err := v.member()
	if err != nil || !more {
		return false, err
	}
	v.elem.Score, err = v.r.double()
	return true, err
}

// double reads a number, or the name of one that JSON has no number for.
func (r *JSONReader) double() (float64, error) {
	c, err := r.in.Peek()
	if err == nil && c == '"' {
		if r.text, err = r.in.AppendString(r.text[:0]); err != nil {
			return 0, err
		}
		switch string(r.text) {
		case "inf":
			return math.Inf(1), nil
		case "-inf":
			return math.Inf(-1), nil
		case "nan":
			return math.NaN(), nil
		}
		return 0, wrong("%q where a number is due", r.text[:min(len(r.text), 64)])
	}
	if r.number, err = r.in.AppendNumber(r.number[:0]); err != nil {
		return 0, err
	}
	f, err := strconv.ParseFloat(string(r.number), 64)
	if err != nil {
		return 0, wrong("number %s is out of range", r.number)
	}
	return f, nil
}

func (v *jsonValue) field() (bool, error) {
	more, err := v.member()
	if err != nil || !more {
		return false, err
	}
	r := v.r
	v.elem.ExpireAt = entry.NoExpire
	if c, err := r.in.Peek(); err == nil && c == '{' {
		found := false
		err = r.each(func(name string) (_ bool, err error) {
			switch name {
			case "value":
				found = true
				v.value, err = r.bytes(v.value[:0])
			case "expire_at_ms":
				v.elem.ExpireAt, err = r.int()
			default:
				return false, nil
			}
			return true, err
		})
		if err == nil && !found {
			err = wrong("a field without a value")
		}
		v.elem.Value = v.value
		return true, err
	}
	v.value, err = r.bytes(v.value[:0])
	v.elem.Value = v.value
	return true, err
}

// beginArray reads what stands before the elements of an array.
func (v *jsonValue) beginArray() error {
	v.array = entry.ArrayInfo{}
	v.r.e.Array = &v.array
	v.step = func() (bool, error) {
		more, err := v.member()
		if err != nil {
			return false, err
		}
		if !more {
			return false, v.r.rest()
		}
		if v.elem.Index, err = strconv.ParseUint(string(v.data), 10, 64); err != nil {
			return false, wrong("index %q", v.data[:min(len(v.data), 64)])
		}
		return true, v.text()
	}
	return v.until("elements", '{', func(name string) (_ bool, err error) {
		if name != "cursor" {
			return false, nil
		}
		v.array.HasCursor = true
		v.array.Cursor, err = v.r.uint(math.MaxUint64)
		return true, err
	})
}

// until opens the object that is due and reads its members up to the one of
// that name, which it opens.
func (v *jsonValue) until(last string, bracket byte, do func(name string) (known bool, err error)) error {
	r := v.r
	if err := r.in.Open('{'); err != nil {
		return err
	}
	for {
		more, err := r.in.More('}')
		if err != nil {
			return err
		}
		if !more {
			return wrong("%s are missing", last)
		}
		if r.name, err = r.in.AppendName(r.name[:0]); err != nil {
			return err
		}
		if string(r.name) == last {
			return r.in.Open(bracket)
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

// beginPaths reads the fields of a path hash: an object of objects.
func (v *jsonValue) beginPaths() error {
	inside := false
	v.step = func() (bool, error) {
		r := v.r
		for {
			if !inside {
				more, err := v.member()
				if err != nil || !more {
					return false, err
				}
				v.path = append(v.path[:0], v.data...)
				if err := r.in.Open('{'); err != nil {
					return false, err
				}
				inside = true
			}
			more, err := v.member()
			if err != nil {
				return false, err
			}
			if inside = more; !more {
				continue
			}
			v.value, err = r.bytes(v.value[:0])
			v.elem.Path, v.elem.Value = v.path, v.value
			return true, err
		}
	}
	return v.r.in.Open('{')
}

// job reads a cron job.
func (v *jsonValue) job() error {
	r := v.r
	v.cron = entry.CronJob{}
	v.elem.Cron = &v.cron
	texts := func(to *[][]byte) error {
		return r.list(func() error {
			s, err := r.bytes(nil)
			*to = append(*to, s)
			return err
		})
	}
	return r.each(func(name string) (_ bool, err error) {
		switch name {
		case "script":
			v.cron.Script, err = r.bytes(nil)
		case "start_at_ms":
			v.cron.StartAt, err = r.int()
		case "interval_ms":
			v.cron.IntervalMs, err = r.int()
		case "keys":
			err = texts(&v.cron.Keys)
		case "args":
			err = texts(&v.cron.Args)
		default:
			return false, nil
		}
		return true, err
	})
}
