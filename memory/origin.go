package memory

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/memory/size"
	"github.com/rdbtool/rdbtool/rdb"
)

// headBytes is as much of a file as holds what it says about itself.
const headBytes = 64 << 10

// origin is what a file says about itself.
type origin struct {
	version rdb.Version
	product rdb.Family
	release string // "8.0.6"
	target  rdb.Target
	known   bool // target is a release that the file names
	usedMem int64
	savedAt int64 // Unix ms
}

// readOrigin reads what the beginning of a file says. The reader returned gives
// the file from its start.
func readOrigin(src io.Reader) (o origin, whole io.Reader, err error) {
	head := make([]byte, headBytes)
	n, err := io.ReadFull(src, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return o, nil, err
	}
	r := rdb.NewReader(bytes.NewReader(head[:n]), &rdb.Options{Meta: true})
	o.version = r.Version()
	for e, err := range r.Entries() {
		if err != nil || e.Meta == nil { // the head ends where it likes
			break
		}
		if e.Meta.Kind == entry.MetaAux {
			o.aux(string(e.Meta.Name), string(e.Meta.Value))
		}
	}
	if !o.known && o.version.Known() {
		o.target = rdb.TargetOf(o.version)
	}
	return o, io.MultiReader(bytes.NewReader(head[:n]), src), nil
}

func (o *origin) aux(name, value string) {
	number, _ := strconv.ParseInt(value, 10, 64)
	switch name {
	case "redis-ver", "valkey-ver":
		o.product, o.release = rdb.Redis, value
		if name == "valkey-ver" {
			o.product = rdb.Valkey
		}
		o.target, o.known = rdb.TargetOfRelease(o.version, o.product, value)
	case "used-mem":
		o.usedMem = max(0, number)
	case "ctime":
		if number > 0 && number < 1<<40 {
			o.savedAt = number * 1000
		}
	}
}

// writer returns the server as the report names it.
func (o *origin) writer() string {
	if o.release == "" {
		return ""
	}
	return strings.ToLower(o.product.String()) + " " + o.release
}

// server returns whose memory is meant, and from where that is known.
func (o *origin) server(asked rdb.Target) (t rdb.Target, from string, err error) {
	if asked.Name != "" {
		_, own, err := size.Server(asked)
		if !own {
			return asked, Nearest, err
		}
		return asked, Asked, err
	}
	t, from = o.target, FromFile
	if _, own, err := size.Server(t); err == nil {
		switch {
		case !o.known:
			from = Assumed
		case !own:
			from = Nearest
		}
		return t, from, nil
	}
	// A version of the format, of which no release is known.
	name := "redis-8.6"
	switch v := o.version; {
	case v.Family == rdb.Valkey:
		name = "valkey-9.1"
	case v.Number > 0 && v.Number < 10:
		name = "redis-6.2"
	case v.Number == 10:
		name = "redis-7.0"
	case v.Number == 11:
		name = "redis-7.2"
	case v.Number == 12:
		name = "redis-8.0"
	}
	t, err = rdb.ParseTarget(name)
	return t, Assumed, err
}
