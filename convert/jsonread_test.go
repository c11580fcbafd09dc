package convert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/entry/filter"
	"github.com/rdbtool/rdbtool/fixtures"
	"github.com/rdbtool/rdbtool/rdb"
)

// rendered reads JSON and writes it again.
func rendered(r io.Reader) (string, error) { return renderedUpTo(r, 1<<20) }

// renderedUpTo is rendered with a limit for strings.
func renderedUpTo(r io.Reader, limit int64) (string, error) {
	d := &dumper{opts: DumpOptions{Meta: true, Filter: &filter.Filter{}}}
	c := d.newChunk()
	in := NewJSONReader(r, JSONOptions{Name: "in.json", MaxString: limit})
	for {
		e, err := in.Next()
		if err == io.EOF {
			return string(c.buf), nil
		}
		if err == nil && e.Meta != nil {
			c.appendMeta(e)
		} else if err == nil {
			err = c.appendKey(e)
		}
		if err != nil {
			return string(c.buf), err
		}
	}
}

// What Dump writes of the files of all releases reads back to the same text,
// as lines and as an array.
func TestJSONReaderCorpus(t *testing.T) {
	cases, err := fixtures.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		if testing.Short() && i%6 != 0 {
			continue
		}
		var text [2]bytes.Buffer
		for f := range text {
			if err := Dump(context.Background(), bytes.NewReader(c.RDB), rdb.Options{}, &text[f], DumpOptions{Meta: true, Format: Format(f)}); err != nil {
				t.Fatal(err)
			}
		}
		want := text[0].String()
		for f := range text {
			if got, err := renderedUpTo(&text[f], 64<<20); err != nil || got != want {
				t.Errorf("%s as %s: %v, %d bytes, want %d", &c, Format(f), err, len(got), len(want))
			}
		}
	}
}

// What no server at hand writes, and what people change by hand.
func TestJSONReader(t *testing.T) {
	key := func(typ, rest string) string { return `{"db":0,"key":"k","type":"` + typ + `"` + rest + "}\n" }
	value := func(typ, v string) string { return key(typ, `,"value":`+v) }
	for _, tt := range []struct{ in, want string }{
		{value("array", `{"cursor":7,"elements":{"1":"a","18446744073709551614":"base64:/w=="}}`), ""},
		{value("array", `{"elements":{"1":"a"}}`), ""},
		{value("path-hash", `{"p":{"f":"v","g":"w"},"q":{"f":"v"}}`), ""},
		{value("cron", `{"script":"s","start_at_ms":-1,"interval_ms":5,"keys":["a","b"],"args":[]}`), ""},
		{value("module", `{"name":"ReJSON-RL","version":3,"data":"base64:/wE="}`), ""},
		{value("module", `{"name":"vectorset","version":0,"dimension":2,"quantisation":"none","links":16,"elements":[]}`), ""},
		{value("zset", `{"a":-0.0,"b":"inf","c":"-inf","d":"nan","e":1e-7,"f":12345678901234567000}`), ""},
		{value("hash", `{"base64:/w==":"v","f":{"value":"w","expire_at_ms":5}}`), ""},
		{value("string", `""`), ""},
		{value("stream", `{"entries":[],"length":0,"last_id":"0-0","groups":[]}`), ""},
		{value("stream", `{"entries":[],"length":0,"last_id":"5-1","first_id":"0-0","max_deleted_id":"0-0","entries_added":0,"groups":[{"name":"g","last_id":"5-1","entries_read":null,`+
			`"pending":[{"id":"1-1","delivered_at_ms":0,"deliveries":1,"nacked":true}],"consumers":[]}],"idmp":{"producers":[{"name":"p","iids":[]}],"duration_seconds":1,"max_size":2,"added":3,"duplicates":4}}`), ""},
		{key("string", `,"encoding":"raw","expire_at_ms":5,"idle_seconds":6,"freq":7,"key_meta":[{"class":"abcd","version":1,"flags":0,"data":"x"}],"value":"v"`), ""},
		{`{"type":"header","magic":"VALKEY","version":80}` + "\n", ""},
		{`{"type":"slot_import","job":"j","slots":[[1,2],[3,4]]}` + "\n", ""},
		{`{"type":"hash_template","id":3,"fields":["a","b"]}` + "\n", ""},
		{`{"type":"function","name":"f","engine":"LUA","description":"d","code":"return 1"}` + "\n", ""},
		{`{"type":"update","db":3,"command":"*1\r\n"}` + "\n", ""},
		// by hand
		{` { "key" : "k" , "type" : "list" , "unknown" : [ { "a" : 1 } ] , "value" : [ "a" , "b" ] , "later" : null } `, `{"db":0,"key":"k","type":"list","value":["a","b"]}` + "\n"},
		{"\n\n" + value("set", `["\u00e9\n"]`) + "\r\n", value("set", `["é\n"]`)},
		{"[]", ""},
		{"", ""},
	} {
		want := tt.want
		if want == "" && tt.in != "[]" {
			want = tt.in
		}
		if got, err := rendered(strings.NewReader(tt.in)); err != nil || got != want {
			t.Errorf("%s\ngot  %s\nwant %s\n%v", tt.in, got, want, err)
		}
		if got, err := rendered(iotest.OneByteReader(strings.NewReader(tt.in))); err != nil || got != want {
			t.Errorf("in single bytes: %s\ngot %s, %v", tt.in, got, err)
		}
	}
}

func TestJSONReaderDamage(t *testing.T) {
	head := `{"db":0,"key":"k","type":`
	for _, tt := range []struct{ in, says string }{
		{head, "ends inside a record"},
		{head + `"list","value":["a"`, "ends inside a record"},
		{head + `"list","value":["a",]}`, "where a value is due"},
		{head + `"list"}`, "no value"},
		{head + `"lizt","value":[]}`, `unknown type "lizt"`},
		{head + `"list","encoding":"zip","value":[]}`, `unknown encoding "zip"`},
		{`{"db":0,"key":"k","value":"v","type":"string"}`, "the type must come before the value"},
		{`{"db":0,"type":"string","value":"v"}`, "the key must come before the value"},
		{`{"db":0}`, "without a key"},
		{`{"db":-1}`, "whole number"},
		{`{"db":1.5}`, "whole number"},
		{`"text"`, `'{'`},
		{head + `"string","value":"base64:???"}`, "no base64"},
		{head + `"string","value":5}`, "a string is due"},
		{head + `"zset","value":{"a":"much"}}`, "where a number is due"},
		{head + `"zset","value":{"a":1e999}}`, "out of range"},
		{head + `"hash","value":{"a":{"expire_at_ms":5}}}`, "without a value"},
		{head + `"stream","value":{"length":1,"entries":[]}}`, "must come first"},
		{head + `"stream","value":{"entries":[{"id":"1","fields":[]}]}}`, "no stream ID"},
		{head + `"stream","value":{"entries":[{"id":"1-1","fields":["a"]}]}}`, "no value"},
		{head + `"module","value":{"name":"x","version":0,"data":""}}`, "no name of a module"},
		{head + `"module","value":{"dimension":2,"elements":[],"name":"vectorset"}}`, "elements stand before the name"},
		{head + `"module","value":{"name":"vectorset","version":0,"elements":[{"name":"a"}]}}`, "without its data"},
		{head + `"array","value":{"elements":{"x":"a"}}}`, `index "x"`},
		{head + `"freq":256,"value":""}`, ""},
		{`[{"type":"aux","name":"a","value":"b"}`, "ends inside a record"},
		{head + `"string","value":"` + strings.Repeat("x", 1<<20+1) + `"}`, "too large"},
	} {
		_, err := rendered(strings.NewReader(tt.in))
		var c *entry.CorruptError
		if !errors.As(err, &c) || !strings.Contains(err.Error(), tt.says) || c.File != "in.json" {
			t.Errorf("%.80s: %v, want %q", tt.in, err, tt.says)
		}
	}
	broken := errors.New("broken")
	var c *entry.CorruptError
	if _, err := rendered(io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken))); !errors.Is(err, broken) || errors.As(err, &c) {
		t.Errorf("a source that fails: %v", err)
	}
}

// A value is skipped, wherever its reader has stopped.
func TestJSONReaderSkips(t *testing.T) {
	text := `{"key":"a","type":"list","value":["1","2","3"]}` + "\n" + `{"key":"b","type":"string","value":"x"}`
	for n := range 5 {
		in := NewJSONReader(strings.NewReader(text), JSONOptions{})
		e, err := in.Next()
		if err != nil {
			t.Fatal(err)
		}
		for range n {
			e.Value.Next()
		}
		if e, err = in.Next(); err != nil || string(e.Key) != "b" {
			t.Errorf("after %d elements: %v", n, err)
		}
	}
}

// A hash of a million fields in one line takes no more memory than its largest
// field.
func TestJSONReaderIsBounded(t *testing.T) {
	const fields = 200_000
	r, w := io.Pipe()
	go func() {
		fmt.Fprint(w, `{"key":"h","type":"hash","value":{`)
		for i := range fields {
			fmt.Fprintf(w, `%s"field:%d":"a value of some length"`, separator(i, "", ","), i)
		}
		fmt.Fprint(w, "}}")
		w.Close()
	}()
	in := NewJSONReader(r, JSONOptions{})
	e, err := in.Next()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	allocs := testing.AllocsPerRun(1, func() {
		for range fields / 4 {
			if e.Value.Next() {
				n++
			}
		}
	})
	for e.Value.Next() {
		n++
	}
	if err := e.Value.Err(); err != nil || n != fields {
		t.Errorf("%d fields, %v", n, err)
	}
	if allocs > fields {
		t.Errorf("%.0f allocations for %d fields", allocs, fields/4)
	}
}

// TestJSONNoServerLoads: JSON can say what is no value in a snapshot.
func TestJSONNoServerLoads(t *testing.T) {
	const vectors = `{"db":0,"key":"k","type":"module","value":{"name":"vectorset","version":0,`
	for name, text := range map[string]string{
		"module value":           `{"db":0,"key":"k","type":"module","value":{"name":"moduletyp","version":1,"data":"0"}}`,
		"module value, cut":      `{"db":0,"key":"k","type":"module","value":{"name":"moduletyp","version":1,"data":"\u0002"}}`,
		"module value and more":  `{"db":0,"key":"k","type":"module","value":{"name":"moduletyp","version":1,"data":"\u0000\u0000"}}`,
		"vector set as a module": vectors + `"data":"\u0000"}}`,
		"vector":                 vectors + `"dimension":1,"links":16,"quantisation":"none","elements":[{"name":"a","vector":[1],"data":"0"}]}}`,
		"projection":             vectors + `"dimension":1,"links":16,"quantisation":"none","input_dimension":3,"projection":"x","elements":[{"name":"a","vector":[1],"data":"0"}]}}`,
		"module aux":             `{"type":"module_aux","name":"moduletyp","version":1,"when":2,"data":"0"}`,
	} {
		losses, err := ToRDB(t.Context(), Source{Reader: strings.NewReader(text + "\n"), JSON: true}, io.Discard, Options{})
		if losses != nil {
			losses.Close()
		}
		var c *entry.CorruptError
		if !errors.As(err, &c) {
			t.Errorf("%s: %v", name, err)
		} else {
			t.Log(err)
		}
	}
}

func FuzzJSONReader(f *testing.F) {
	var text bytes.Buffer
	if err := Dump(context.Background(), bytes.NewReader(fixtures.Example()), rdb.Options{}, &text, DumpOptions{Meta: true}); err != nil {
		f.Fatal(err)
	}
	f.Add(text.Bytes())
	for line := range bytes.Lines(text.Bytes()) {
		f.Add(bytes.Clone(line))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		once, err := rendered(bytes.NewReader(b))
		if err != nil {
			var c *entry.CorruptError
			if !errors.As(err, &c) {
				t.Fatal(err)
			}
			return
		}
		again, err := rendered(strings.NewReader(once))
		if err != nil {
			t.Fatalf("what was written does not read: %v\n%s", err, once)
		}
		if again != once {
			t.Fatalf("%s\n%s", once, again)
		}
		var out bytes.Buffer
		losses, err := ToRDB(context.Background(), Source{Reader: bytes.NewReader(b), JSON: true}, &out, Options{AllowLoss: true})
		if losses != nil {
			defer losses.Close()
		}
		if err != nil {
			return // what no server loads: an element twice, a score that is no number
		}
		if err := Dump(context.Background(), bytes.NewReader(out.Bytes()), rdb.Options{}, io.Discard, DumpOptions{}); err != nil {
			t.Fatalf("the RDB file does not read: %v", err)
		}
	})
}
