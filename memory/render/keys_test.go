package render

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"github.com/rdbtool/rdbtool/memory"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAppendKey(t *testing.T) {
	for _, tt := range []struct {
		k    memory.PerKey
		csv  string
		json string
	}{
		{
			memory.PerKey{DB: 0, Type: "hash", Key: []byte("user:17"), Bytes: 62, Exact: true, Encoding: "listpack", Elements: 3, Largest: 15, ExpireAt: -1},
			"0,hash,user:17,62,listpack,3,15,\n",
			`{"db":0,"key":"user:17","type":"hash","encoding":"listpack","bytes":62,"exact":true,"elements":3,"largest":15}` + "\n",
		},
		{
			memory.PerKey{DB: 3, Type: "string", Key: []byte("a,\"b\"\r\n"), Bytes: 1 << 40, Encoding: "raw", Elements: 1, Largest: 9, ExpireAt: 1541635200000},
			"3,string,\"a,\"\"b\"\"\r\n\",1099511627776,raw,1,9,2018-11-08T00:00:00\n",
			`{"db":3,"key":"a,\"b\"\r\n","type":"string","encoding":"raw","bytes":1099511627776,"exact":false,"elements":1,"largest":9,"expire_at_ms":1541635200000}` + "\n",
		},
		{
			memory.PerKey{Type: "set", Key: []byte("\xff,\x00"), Encoding: "intset", ExpireAt: 1541635200123},
			"0,set,base64:/ywA,0,intset,0,0,2018-11-08T00:00:00.123000\n",
			`{"db":0,"key":"base64:/ywA","type":"set","encoding":"intset","bytes":0,"exact":false,"elements":0,"largest":0,"expire_at_ms":1541635200123}` + "\n",
		},
		{
			memory.PerKey{Type: "set", Key: []byte("base64:x"), Encoding: "intset", ExpireAt: 0},
			"0,set,base64:YmFzZTY0Ong=,0,intset,0,0,1970-01-01T00:00:00\n",
			`{"db":0,"key":"base64:YmFzZTY0Ong=","type":"set","encoding":"intset","bytes":0,"exact":false,"elements":0,"largest":0,"expire_at_ms":0}` + "\n",
		},
	} {
		if got := string(AppendCSV([]byte("x"), &tt.k)); got != "x"+tt.csv {
			t.Errorf("%q, want %q", got, tt.csv)
		}
		if got := string(AppendJSON([]byte("x"), &tt.k)); got != "x"+tt.json {
			t.Errorf("%q, want %q", got, tt.json)
		}
	}
	if n, m := strings.Count(CSVHeader, ","), strings.Count(string(AppendCSV(nil, &memory.PerKey{})), ","); n != m {
		t.Errorf("%d commas in the head, %d in a line", n, m)
	}
}

func TestAppendKeyDoesNotAllocate(t *testing.T) {
	dst := make([]byte, 0, 1<<16)
	for _, name := range []string{"user:17", "a,\"b\"\n", "\xff\x00", "base64:x", "鍵:é"} {
		k := memory.PerKey{DB: 1, Type: "hash", Key: []byte(name), Bytes: 1 << 30, Encoding: "listpack", Elements: 100, Largest: 1000, ExpireAt: 1541635200123}
		if n := testing.AllocsPerRun(100, func() { dst = AppendJSON(AppendCSV(dst[:0], &k), &k) }); n != 0 {
			t.Errorf("%q: %v allocations", name, n)
		}
	}
}

func FuzzAppendKey(f *testing.F) {
	for _, name := range []string{"user:17", hostile, "", "base64:", "\xff", "\"", "a\r\nb", " ", "\\."} {
		f.Add([]byte(name), int64(1541635200123))
	}
	f.Fuzz(func(t *testing.T, name []byte, at int64) {
		k := memory.PerKey{Type: "string", Key: name, Encoding: "raw", ExpireAt: at}
		bytesOf := func(s string) []byte {
			if text, ok := strings.CutPrefix(s, "base64:"); ok {
				b, err := base64.StdEncoding.DecodeString(text)
				if err != nil {
					t.Fatalf("%q: %v", s, err)
				}
				return b
			}
			return []byte(s)
		}
		line := AppendCSV(nil, &k)
		if !utf8.Valid(line) {
			t.Errorf("not UTF-8: %q", line)
		}
		cells := splitLine(t, line)
		if len(cells) != 8 {
			t.Fatalf("%q: %q", line, cells)
		}
		if got := bytesOf(cells[2]); !bytes.Equal(got, name) {
			t.Errorf("CSV: %q, want %q", got, name)
		}
		var back struct {
			Key      string `json:"key"`
			ExpireAt *int64 `json:"expire_at_ms"`
		}
		line = AppendJSON(nil, &k)
		if err := json.Unmarshal(line, &back); err != nil || bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("%q: %v", line, err)
		}
		if got := bytesOf(back.Key); !bytes.Equal(got, name) {
			t.Errorf("JSON: %q, want %q", got, name)
		}
		if (back.ExpireAt != nil) != (at >= 0) || at >= 0 && *back.ExpireAt != at {
			t.Errorf("expires %v, want %d", back.ExpireAt, at)
		}
	})
}

// splitLine takes a line of CSV apart as RFC 4180 has it. The reader of the
// standard library takes \r\n in a cell for \n.
func splitLine(t *testing.T, line []byte) []string {
	text, ok := strings.CutSuffix(string(line), "\n")
	if !ok {
		t.Fatalf("no line: %q", line)
	}
	var cells []string
	for {
		cell := ""
		if strings.HasPrefix(text, `"`) {
			for {
				part, rest, ok := strings.Cut(text[1:], `"`)
				if !ok {
					t.Fatalf("a quote is open: %q", line)
				}
				cell, text = cell+part, rest
				if !strings.HasPrefix(text, `"`) {
					break
				}
				cell += `"`
			}
		} else {
			n := strings.IndexByte(text, ',')
			if n < 0 {
				n = len(text)
			}
			if cell, text = text[:n], text[n:]; strings.ContainsAny(cell, "\"\r\n") {
				t.Fatalf("no quotes: %q", line)
			}
		}
		cells = append(cells, cell)
		if text == "" {
			return cells
		}
		if text[0] != ',' {
			t.Fatalf("%q behind a cell: %q", text, line)
		}
		text = text[1:]
	}
}
