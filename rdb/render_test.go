package rdb_test

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/crc64"
)

// A record as one line of text, which tests compare:
//
//	db0 "h" hash/listpack[2] expire=1893456000000: "f"="v" "g"="w"@1893456000001
//	aux "redis-ver"="7.2.6"

// all asks render for every element of a value.
const all = -1

// render reads at most limit elements of e's value and returns e as a line. The
// parts of an element in fragments count as one and are joined. A value that
// cannot be read ends with its error, which is returned too.
func render(e *entry.Entry, limit int) (string, error) {
	if e.Meta != nil {
		return renderMeta(e.Meta), nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "db%d %q %s/%s", e.DB, e.Key, e.Type, e.Encoding)
	if e.Len >= 0 {
		fmt.Fprintf(&b, "[%d]", e.Len)
	}
	if e.ExpireAt != entry.NoExpire {
		fmt.Fprintf(&b, " expire=%d", e.ExpireAt)
	}
	if e.Idle != -1 {
		fmt.Fprintf(&b, " idle=%d", e.Idle)
	}
	if e.Freq != -1 {
		fmt.Fprintf(&b, " freq=%d", e.Freq)
	}
	for _, m := range e.KeyMeta {
		fmt.Fprintf(&b, " keymeta=%s/%d/%d:%x", m.Class, m.Version, m.Flags, m.Data)
	}
	if e.Type == entry.Module {
		fmt.Fprintf(&b, " %s/%d", e.Module.Name(), e.Module.Version())
	}
	if v := e.Vectors; v != nil {
		fmt.Fprintf(&b, " dim=%d %s links=%d attributes=%t", v.Dim, v.Quantization, v.Links, v.HasAttributes)
		if v.Projection != nil {
			fmt.Fprintf(&b, " projection=%dx%d:%x", v.Dim, v.InputDim, v.Projection)
		}
	}
	if a := e.Array; a != nil && a.HasCursor {
		fmt.Fprintf(&b, " cursor=%d", a.Cursor)
	}
	b.WriteByte(':')
	for n := 0; n != limit; n++ {
		elem, err := joined(e)
		if elem == nil {
			if err != nil {
				fmt.Fprintf(&b, " !%v", err)
			}
			return b.String(), err
		}
		b.WriteByte(' ')
		renderElem(&b, e, elem)
	}
	return b.String(), nil
}

// joined returns the next element of e's value, its parts in one, nil at the
// end and at an error.
func joined(e *entry.Entry) (*entry.Elem, error) {
	if !e.Value.Next() {
		return nil, e.Value.Err()
	}
	elem := e.Value.Elem()
	if !elem.More {
		return elem, nil
	}
	whole := elem.Clone()
	for elem.More {
		if !e.Value.Next() {
			return nil, e.Value.Err()
		}
		elem = e.Value.Elem()
		if e.Type == entry.Hash {
			whole.Value = append(whole.Value, elem.Value...)
		} else {
			whole.Data = append(whole.Data, elem.Data...)
		}
	}
	whole.ExpireAt, whole.More = elem.ExpireAt, false
	return whole, nil
}

func renderElem(b *strings.Builder, e *entry.Entry, elem *entry.Elem) {
	switch {
	case elem.Stream != nil:
		renderStream(b, elem.Stream)
	case elem.Vector != nil:
		fmt.Fprintf(b, "%s%v", quote(elem.Data), elem.Vector.Components)
		if e.Vectors.HasAttributes {
			fmt.Fprintf(b, "%s", quote(elem.Vector.Attributes))
		}
	case elem.Cron != nil:
		j := elem.Cron
		fmt.Fprintf(b, "%s start=%d interval=%d keys=%q args=%q", quote(j.Script), j.StartAt, j.IntervalMs, j.Keys, j.Args)
	case e.Type == entry.PathHash:
		fmt.Fprintf(b, "%s.%s=%s", quote(elem.Path), quote(elem.Data), quote(elem.Value))
	case e.Type == entry.Array:
		fmt.Fprintf(b, "%d=%s", elem.Index, quote(elem.Data))
	case e.Type == entry.ZSet:
		fmt.Fprintf(b, "%s=%s", quote(elem.Data), strconv.FormatFloat(elem.Score, 'g', -1, 64))
	case e.Type == entry.Hash:
		fmt.Fprintf(b, "%s=%s", quote(elem.Data), quote(elem.Value))
		if elem.ExpireAt != entry.NoExpire {
			fmt.Fprintf(b, "@%d", elem.ExpireAt)
		}
	default:
		b.WriteString(quote(elem.Data))
	}
}

func renderStream(b *strings.Builder, s *entry.StreamElem) {
	switch s.Kind {
	case entry.StreamEntry:
		fmt.Fprintf(b, "%s{", s.ID)
		for i := 0; i < len(s.Fields); i += 2 {
			if i > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprintf(b, "%s=%s", s.Fields[i], s.Fields[i+1])
		}
		b.WriteByte('}')
	case entry.StreamInfo:
		i := s.Info
		fmt.Fprintf(b, "info(v%d length=%d last=%s first=%s max-deleted=%s added=%d groups=%d)",
			i.Version, i.Length, i.LastID, i.FirstID, i.MaxDeletedID, i.EntriesAdded, i.Groups)
	case entry.StreamGroup:
		g := s.Group
		fmt.Fprintf(b, "group(%s last=%s read=%d pending=%d consumers=%d)", quote(g.Name), g.LastID, g.EntriesRead, g.Pending, g.Consumers)
	case entry.StreamPending:
		p := s.Pending
		owner := "nobody"
		if p.Consumer != nil {
			owner = quote(p.Consumer)
		}
		if p.Nacked {
			owner = "nacked"
		}
		fmt.Fprintf(b, "pending(%s %s at=%d times=%d)", s.ID, owner, p.DeliveredAt, p.Deliveries)
	case entry.StreamConsumer:
		c := s.Consumer
		fmt.Fprintf(b, "consumer(%s seen=%d active=%d pending=%d)", quote(c.Name), c.SeenAt, c.ActiveAt, c.Pending)
	case entry.StreamProducer:
		fmt.Fprintf(b, "producer(%s)", quote(s.Name))
	case entry.StreamIID:
		fmt.Fprintf(b, "iid(%s=%s)", quote(s.Name), s.ID)
	case entry.StreamIDMP:
		i := s.IDMP
		fmt.Fprintf(b, "idmp(%ds max=%d producers=%d added=%d duplicates=%d)", i.DurationSeconds, i.MaxSize, i.Producers, i.Added, i.Duplicates)
	default:
		fmt.Fprintf(b, "stream element of kind %d", s.Kind)
	}
}

func renderMeta(m *entry.Meta) string {
	var b strings.Builder
	b.WriteString(m.Kind.String())
	if m.Module != 0 {
		fmt.Fprintf(&b, " %s/%d", m.Module.Name(), m.Module.Version())
	}
	if m.Name != nil {
		fmt.Fprintf(&b, " %q", m.Name)
	}
	if m.Engine != nil {
		fmt.Fprintf(&b, " engine=%q", m.Engine)
	}
	if m.Desc != nil {
		fmt.Fprintf(&b, " desc=%q", m.Desc)
	}
	if len(m.Nums) > 0 {
		fmt.Fprintf(&b, " %d", m.Nums)
	}
	if len(m.Names) > 0 {
		fmt.Fprintf(&b, " %q", m.Names)
	}
	if m.Value != nil {
		fmt.Fprintf(&b, " =%s", quote(m.Value))
	}
	return b.String()
}

// quote returns s in quotes or, where that would be long, its length and hash.
func quote(s []byte) string {
	if len(s) <= 100 {
		return strconv.Quote(string(s))
	}
	return fmt.Sprintf("<%d bytes %016x>", len(s), crc64.Update(0, s))
}
