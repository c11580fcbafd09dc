package convert

import (
	"bytes"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/entry/filter"
	"github.com/rdbtool/rdbtool/rdb"
)

// headSize is how much of a file is looked at for what wrote it.
const headSize = 4 << 10

// settle fills in what the options leave open, from the beginning of an RDB
// file. src goes on to give all of the file.
func (c *conversion) settle(src *Source) error {
	if c.opts.Filter == nil {
		c.opts.Filter = &filter.Filter{}
	}
	if src.JSON {
		return nil
	}
	head := make([]byte, headSize)
	n, err := io.ReadFull(src.Reader, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	head = head[:n]
	src.Reader = io.MultiReader(bytes.NewReader(head), src.Reader)
	var from rdb.Target
	c.source, from = origin(head)
	if c.opts.Target.Name == "" {
		c.opts.Target = from
	}
	return nil
}

// origin returns the version of the file that begins with head, and the server
// that wrote it as far as the file tells.
func origin(head []byte) (rdb.Version, rdb.Target) {
	r := rdb.NewReader(bytes.NewReader(head), &rdb.Options{Meta: true})
	v := r.Version()
	for e, err := range r.Entries() {
		if err != nil || e.Meta == nil { // the head ends where it likes
			break
		}
		if m := e.Meta; m.Kind == entry.MetaAux {
			product := rdb.Redis
			switch string(m.Name) {
			case "valkey-ver":
				product = rdb.Valkey
			case "redis-ver":
			default:
				continue
			}
			if t, ok := rdb.TargetOfRelease(v, product, string(m.Value)); ok {
				t.Release = "" // the file goes on to say which one exactly
				return v, t
			}
			break
		}
	}
	return v, rdb.TargetOf(v)
}
