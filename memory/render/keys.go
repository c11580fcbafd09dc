package render

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/rdbtool/rdbtool/internal/jsonstr"
	"github.com/rdbtool/rdbtool/memory"
)

// CSVHeader names the columns of AppendCSV: those of redis-rdb-tools' memory
// report.
const CSVHeader = "database,type,key,size_in_bytes,encoding,num_elements,len_largest_element,expiry\n"

// AppendCSV appends the line of a key. A key that is not UTF-8 stands as
// base64:, by the string rule of the dump; expiries are in UTC.
func AppendCSV(dst []byte, k *memory.PerKey) []byte {
	dst = strconv.AppendInt(dst, int64(k.DB), 10)
	dst = append(dst, ',')
	dst = append(dst, k.Type...)
	dst = append(dst, ',')
	dst = appendCell(dst, k.Key)
	dst = append(dst, ',')
	dst = strconv.AppendInt(dst, k.Bytes, 10)
	dst = append(dst, ',')
	dst = append(dst, k.Encoding...)
	dst = append(dst, ',')
	dst = strconv.AppendInt(dst, k.Elements, 10)
	dst = append(dst, ',')
	dst = strconv.AppendInt(dst, k.Largest, 10)
	dst = append(dst, ',')
	if k.ExpireAt >= 0 {
		dst = appendISO(dst, k.ExpireAt)
	}
	return append(dst, '\n')
}

// appendISO appends a time as Python's isoformat writes it: microseconds where
// they are not 0, and no zone.
func appendISO(dst []byte, ms int64) []byte {
	layout := "2006-01-02T15:04:05"
	if ms%1000 != 0 {
		layout = "2006-01-02T15:04:05.000000"
	}
	return time.UnixMilli(ms).UTC().AppendFormat(dst, layout)
}

// appendCell appends a byte string as a cell, in quotes where it needs them.
func appendCell(dst, s []byte) []byte {
	if bytes.HasPrefix(s, []byte("base64:")) || !utf8.Valid(s) {
		start := len(dst)
		dst = jsonstr.Append(dst, s) // quotes around base64, which stands as it is in a cell
		n := copy(dst[start:], dst[start+1:len(dst)-1])
		return dst[:start+n]
	}
	if bytes.IndexByte(s, ',') < 0 && bytes.IndexByte(s, '"') < 0 && bytes.IndexByte(s, '\n') < 0 && bytes.IndexByte(s, '\r') < 0 {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for len(s) > 0 {
		n := bytes.IndexByte(s, '"')
		if n < 0 {
			dst = append(dst, s...)
			break
		}
		dst = append(dst, s[:n+1]...)
		dst = append(dst, '"')
		s = s[n+1:]
	}
	return append(dst, '"')
}

// AppendJSON appends the line of a key as NDJSON. The names are those of the
// dump and of the report.
func AppendJSON(dst []byte, k *memory.PerKey) []byte {
	dst = append(dst, `{"db":`...)
	dst = strconv.AppendInt(dst, int64(k.DB), 10)
	dst = append(dst, `,"key":`...)
	dst = jsonstr.Append(dst, k.Key)
	dst = append(dst, `,"type":"`...)
	dst = append(dst, k.Type...)
	dst = append(dst, `","encoding":"`...)
	dst = append(dst, k.Encoding...)
	dst = append(dst, `","bytes":`...)
	dst = strconv.AppendInt(dst, k.Bytes, 10)
	dst = append(dst, `,"exact":`...)
	dst = strconv.AppendBool(dst, k.Exact)
	dst = append(dst, `,"elements":`...)
	dst = strconv.AppendInt(dst, k.Elements, 10)
	dst = append(dst, `,"largest":`...)
	dst = strconv.AppendInt(dst, k.Largest, 10)
	if k.ExpireAt >= 0 {
		dst = append(dst, `,"expire_at_ms":`...)
		dst = strconv.AppendInt(dst, k.ExpireAt, 10)
	}
	return append(dst, "}\n"...)
}
