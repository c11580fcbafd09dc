package convert

import (
	"math"

	"github.com/rdbtool/rdbtool/entry"
)

// jsonStream is a stream in JSON. Its entries come first and pass by; what
// stands behind them is held, for the version of the stream shows there only.
type jsonStream struct {
	out    entry.StreamElem
	fields []byte
	ends   []int
	tail   []entry.StreamElem // the elements behind the entries
	at     int                // elements of tail given
	inTail bool
}

// beginStream opens the entries.
func (v *jsonValue) beginStream() error {
	s := &v.stream
	s.tail, s.at, s.inTail = s.tail[:0], 0, false
	v.elem.Stream = &s.out
	v.step = v.streamElem
	return v.until("entries", '[', func(string) (bool, error) {
		return false, wrong("the entries of a stream must come first")
	})
}

func (v *jsonValue) streamElem() (bool, error) {
	s := &v.stream
	if !s.inTail {
		more, err := v.r.in.More(']')
		if err != nil {
			return false, err
		}
		if more {
			return true, v.streamEntry()
		}
		s.inTail = true
		if err := v.streamTail(); err != nil {
			return false, err
		}
	}
	if s.at == len(s.tail) {
		return false, nil
	}
	s.out = s.tail[s.at]
	s.at++
	return true, nil
}

func (v *jsonValue) streamEntry() error {
	r, s := v.r, &v.stream
	s.fields, s.ends = s.fields[:0], s.ends[:0]
	s.out.Kind = entry.StreamEntry
	err := r.each(func(name string) (_ bool, err error) {
		switch name {
		case "id":
			s.out.ID, err = r.id()
		case "fields":
			err = r.list(func() (err error) {
				s.fields, err = r.bytes(s.fields)
				s.ends = append(s.ends, len(s.fields))
				return err
			})
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil && len(s.ends)%2 != 0 {
		err = wrong("a stream entry with a field that has no value")
	}
	s.out.Fields = s.out.Fields[:0]
	start := 0
	for _, end := range s.ends {
		s.out.Fields = append(s.out.Fields, s.fields[start:end:end])
		start = end
	}
	return err
}

// streamTail reads the members behind the entries.
func (v *jsonValue) streamTail() error {
	r := v.r
	info := entry.StreamElem{Kind: entry.StreamInfo}
	in := &info.Info
	in.Version = 1
	var groups, idmp []entry.StreamElem
	consumers, active := 0, false
	for {
		more, err := r.in.More('}')
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if r.name, err = r.in.AppendName(r.name[:0]); err != nil {
			return err
		}
		switch string(r.name) {
		case "length":
			in.Length, err = r.uint(math.MaxUint64)
		case "last_id":
			in.LastID, err = r.id()
		case "first_id":
			in.Version = max(in.Version, 2)
			in.FirstID, err = r.id()
		case "max_deleted_id":
			in.MaxDeletedID, err = r.id()
		case "entries_added":
			in.EntriesAdded, err = r.uint(math.MaxUint64)
		case "groups":
			err = r.list(func() error {
				in.Groups++
				n, a, err := r.group(&groups)
				consumers += n
				active = active || a
				return err
			})
		case "idmp":
			in.Version = 4
			err = r.idmp(&idmp)
		default:
			err = r.in.Skip()
		}
		if err != nil {
			return err
		}
	}
	switch {
	case in.Version == 2 && (active || consumers == 0):
		in.Version = 3
	case in.Version == 4:
		for i := range groups {
			if groups[i].Pending.Nacked {
				in.Version = 5
			}
		}
	}
	v.stream.tail = append(append(append(v.stream.tail, info), groups...), idmp...)
	return nil
}

// group reads a consumer group: its element, those of its pending entries and
// of its consumers. active tells whether consumers say when they were.
func (r *JSONReader) group(out *[]entry.StreamElem) (consumers int, active bool, err error) {
	at := len(*out)
	*out = append(*out, entry.StreamElem{Kind: entry.StreamGroup, Group: entry.Group{EntriesRead: entry.Unknown}})
	owned := map[string]int{}
	var list []entry.StreamElem
	err = r.each(func(name string) (_ bool, err error) {
		g := &(*out)[at].Group
		switch name {
		case "name":
			g.Name, err = r.bytes([]byte{})
		case "last_id":
			g.LastID, err = r.id()
		case "entries_read":
			g.EntriesRead, err = r.orUnknown()
		case "pending":
			err = r.list(func() error {
				p, err := r.pending()
				*out = append(*out, p)
				owned[string(p.Pending.Consumer)]++
				return err
			})
			(*out)[at].Group.Pending = len(*out) - at - 1
		case "consumers":
			err = r.list(func() error {
				c, a, err := r.consumer()
				active = active || a
				list = append(list, c)
				return err
			})
		default:
			return false, nil
		}
		return true, err
	})
	for i := range list {
		list[i].Consumer.Pending = owned[string(list[i].Consumer.Name)]
	}
	(*out)[at].Group.Consumers = len(list)
	*out = append(*out, list...)
	return len(list), active, err
}

func (r *JSONReader) pending() (e entry.StreamElem, err error) {
	e.Kind = entry.StreamPending
	err = r.each(func(name string) (_ bool, err error) {
		switch name {
		case "id":
			e.ID, err = r.id()
		case "consumer":
			e.Pending.Consumer, err = r.bytes([]byte{})
		case "delivered_at_ms":
			e.Pending.DeliveredAt, err = r.int()
		case "deliveries":
			e.Pending.Deliveries, err = r.uint(math.MaxUint64)
		case "nacked":
			e.Pending.Nacked = true
			err = r.in.Word("true")
		default:
			return false, nil
		}
		return true, err
	})
	return e, err
}

func (r *JSONReader) consumer() (e entry.StreamElem, active bool, err error) {
	e.Kind = entry.StreamConsumer
	e.Consumer.ActiveAt = entry.Unknown
	err = r.each(func(name string) (_ bool, err error) {
		switch name {
		case "name":
			e.Consumer.Name, err = r.bytes([]byte{})
		case "seen_at_ms":
			e.Consumer.SeenAt, err = r.int()
		case "active_at_ms":
			active = true
			e.Consumer.ActiveAt, err = r.orUnknown()
		default:
			return false, nil
		}
		return true, err
	})
	return e, active, err
}

// idmp reads the state of idempotent production: the producers with their iids,
// then the numbers.
func (r *JSONReader) idmp(out *[]entry.StreamElem) error {
	last := entry.StreamElem{Kind: entry.StreamIDMP}
	m := &last.IDMP
	err := r.each(func(name string) (_ bool, err error) {
		switch name {
		case "producers":
			err = r.list(func() error {
				m.Producers++
				return r.producer(out)
			})
		case "duration_seconds":
			m.DurationSeconds, err = r.uint(math.MaxUint64)
		case "max_size":
			m.MaxSize, err = r.uint(math.MaxUint64)
		case "added":
			m.Added, err = r.uint(math.MaxUint64)
		case "duplicates":
			m.Duplicates, err = r.uint(math.MaxUint64)
		default:
			return false, nil
		}
		return true, err
	})
	*out = append(*out, last)
	return err
}

func (r *JSONReader) producer(out *[]entry.StreamElem) error {
	at := len(*out)
	*out = append(*out, entry.StreamElem{Kind: entry.StreamProducer})
	return r.each(func(name string) (_ bool, err error) {
		switch name {
		case "name":
			(*out)[at].Name, err = r.bytes([]byte{})
		case "iids":
			err = r.list(func() error {
				e := entry.StreamElem{Kind: entry.StreamIID}
				err := r.each(func(name string) (_ bool, err error) {
					switch name {
					case "iid":
						e.Name, err = r.bytes([]byte{})
					case "id":
						e.ID, err = r.id()
					default:
						return false, nil
					}
					return true, err
				})
				*out = append(*out, e)
				return err
			})
		default:
			return false, nil
		}
		return true, err
	})
}
