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
	if src.JSON || src.Data != nil {
		return nil
	}
	head, err := src.head()
	if err != nil {
		return err
	}
	var from rdb.Target
	c.source, from = origin(head)
	if c.opts.Target.Name == "" {
		c.opts.Target = from
	}
	return nil
}

// head returns the beginning of a file. src goes on to give all of it.
func (src *Source) head() ([]byte, error) {
	head := make([]byte, headSize)
	n, err := io.ReadFull(src.Reader, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	src.Reader = io.MultiReader(bytes.NewReader(head[:n]), src.Reader)
	return head[:n], nil
}

// Origin returns the server that wrote a source, as far as its beginning tells,
// or else the newest one. src goes on to give all of the file.
func Origin(src *Source) (rdb.Target, error) {
	if src.Data == nil && !src.JSON {
		head, err := src.head()
		if err != nil {
			return rdb.Target{}, err
		}
		if v, from := origin(head); v.Known() {
			return from, nil
		}
	}
	return Newest(), nil
}

// Newest returns the target for data of which nobody knows where they come from:
// it holds all that servers in use write.
func Newest() rdb.Target {
	t, err := rdb.ParseTarget(newest)
	if err != nil {
		panic(err) // a test holds the name against the list
	}
	return t
}

const newest = "redis-8.6"

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
