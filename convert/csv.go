package convert

import (
	"bytes"
	"time"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/jsonstr"
)

// csvHeader names the columns: those of redis-rdb-tools' memory report, but
// size_in_bytes is the size of the record in the file.
const csvHeader = "database,type,key,size_in_bytes,encoding,num_elements,len_largest_element,expiry\n"

// csvTime is how an expiry stands in CSV, in UTC.
const csvTime = "2006-01-02T15:04:05.000Z"

// appendCSV appends the line of a key. Its value is read for the last columns.
func (c *chunk) appendCSV(e *entry.Entry) error {
	n, largest := measure(e)
	if err := e.Value.Err(); err != nil {
		return err
	}
	c.int(int64(e.DB))
	c.raw(`,`)
	c.raw(e.Type.String())
	c.raw(`,`)
	c.cell(e.Key)
	c.raw(`,`)
	c.int(e.Size)
	c.raw(`,`)
	c.raw(e.Encoding.String())
	c.raw(`,`)
	c.int(n)
	c.raw(`,`)
	c.int(largest)
	c.raw(`,`)
	if e.ExpireAt != entry.NoExpire {
		c.buf = time.UnixMilli(e.ExpireAt).UTC().AppendFormat(c.buf, csvTime)
	}
	c.raw("\n")
	return nil
}

// measure counts the elements of a value and finds the length of the largest:
// of a string the string, of a hash the longest field or value, of a stream
// the entry with the most bytes.
func measure(e *entry.Entry) (n, largest int64) {
	var part int64 // of an element that comes in parts
	for e.Value.Next() {
		el := e.Value.Elem()
		if el.Stream != nil {
			if el.Stream.Kind != entry.StreamEntry {
				continue
			}
			size := 0
			for _, f := range el.Stream.Fields {
				size += len(f)
			}
			n, largest = n+1, max(largest, int64(size))
			continue
		}
		if e.Type == entry.Hash {
			part += int64(len(el.Value))
			largest = max(largest, int64(len(el.Data)))
		} else {
			part += int64(max(len(el.Data), len(el.Value)))
		}
		largest = max(largest, part)
		if !el.More {
			n, part = n+1, 0
		}
	}
	return n, largest
}

// cell appends a byte string as a cell: the string rule without the quotes of
// JSON and without its escapes, in the quotes of CSV where it needs them.
func (c *chunk) cell(s []byte) {
	quoted := c.d.opts.Strings.Append(nil, s)
	text := quoted[1 : len(quoted)-1]
	if c.d.opts.Strings == jsonstr.Auto && !bytes.HasPrefix(text, []byte("base64:")) {
		text = s
	}
	if !bytes.ContainsAny(text, ",\"\r\n") {
		c.buf = append(c.buf, text...)
		return
	}
	c.buf = append(c.buf, '"')
	for _, b := range text {
		if b == '"' {
			c.buf = append(c.buf, '"')
		}
		c.buf = append(c.buf, b)
	}
	c.buf = append(c.buf, '"')
}

// appendKeyLine appends the key as it stands in JSON, without the quotes.
func (c *chunk) appendKeyLine(e *entry.Entry) {
	start := len(c.buf)
	c.str(e.Key)
	n := len(c.buf) - 1
	copy(c.buf[start:], c.buf[start+1:n])
	c.buf = append(c.buf[:n-1], '\n')
}
