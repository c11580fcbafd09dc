package jsonread

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// value reads any value into what encoding/json would make of it.
func value(r *Reader, depth int) (any, error) {
	c, err := r.Peek()
	if err == io.EOF {
		err = ErrCut
	}
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, errors.New("too deep")
	}
	switch c {
	case '"':
		s, err := r.AppendString(nil)
		return string(s), err
	case 't':
		return true, r.Word("true")
	case 'f':
		return false, r.Word("false")
	case 'n':
		return nil, r.Word("null")
	case '[':
		list := []any{}
		if err := r.Open('['); err != nil {
			return nil, err
		}
		for {
			more, err := r.More(']')
			if err != nil || !more {
				return list, err
			}
			v, err := value(r, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
	case '{':
		object := map[string]any{}
		if err := r.Open('{'); err != nil {
			return nil, err
		}
		for {
			more, err := r.More('}')
			if err != nil || !more {
				return object, err
			}
			name, err := r.AppendName(nil)
			if err != nil {
				return nil, err
			}
			if object[string(name)], err = value(r, depth+1); err != nil {
				return nil, err
			}
		}
	}
	n, err := r.AppendNumber(nil)
	if err != nil {
		return nil, err
	}
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil {
		f = math.Inf(1)
	}
	return f, nil
}

// read reads all values of a text.
func read(r io.Reader) (all []any, err error) {
	in := New(r, 1<<20)
	for {
		if _, err := in.Peek(); err == io.EOF {
			return all, nil
		} else if err != nil {
			return all, err
		}
		v, err := value(in, 0)
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
}

// twin reads with encoding/json.
func twin(b []byte) (all []any, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	for {
		var v any
		if err := d.Decode(&v); err == io.EOF {
			return all, nil
		} else if err != nil {
			return all, err
		}
		all = append(all, v)
	}
}

func TestReader(t *testing.T) {
	text := `{"a":"x\"\\\/\b\f\n\r\tA\u0041\u00e9\ud83d\ude00","b":[1,-2.5e3,0,true,false,null,[],{}],"é":""}` + "\n\n[ ]\t\"s\" 7"
	got, err := read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want, err := twin([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || len(got) != 4 {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct{ text, says string }{
		{`{"a":1`, "ends inside a value"},
		{`"abc`, "ends inside a value"},
		{`"abc\`, "ends inside a value"},
		{`"\u12`, "ends inside a value"},
		{`{"a"`, "ends inside a value"},
		{`[1,]`, `']' where a value is due`},
		{`{"a":1,}`, `'}' where a value is due`},
		{`[1 2]`, "a comma"},
		{`{a:1}`, "a string"},
		{`{"a" 1}`, "a colon"},
		{"\"a\nb\"", "control character 0x0a"},
		{`"\x"`, `escape \x`},
		{`"\ud83d"`, "surrogate"},
		{`"\ude00"`, "surrogate"},
		{`"\ud83d\u0041"`, "surrogate"},
		{`"\u00g0"`, "hexadecimal"},
		{"\"\xff\"", "UTF-8"},
		{`01`, "a number is due"},
		{`1.`, "a number is due"},
		{`-`, "a number is due"},
		{`1e`, "a number is due"},
		{`+1`, "a number is due"},
		{`tru`, "ends inside a value"},
		{`nulx`, "null is due"},
		{`]`, "a number is due"},
		{"\"" + strings.Repeat("x", 1<<20+1) + "\"", "exceeds the limit"},
		{strings.Repeat("1", 1000), "more than 400 characters"},
	} {
		if _, err := read(strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%.40s: %v, want %q", tt.text, err, tt.says)
		}
	}
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	if err := New(strings.NewReader(deep), 1).Skip(); err == nil || !strings.Contains(err.Error(), "deep") {
		t.Errorf("nested: %v", err)
	}
	broken := errors.New("broken")
	if _, err := read(io.MultiReader(strings.NewReader(`{"a":`), iotest.ErrReader(broken))); !errors.Is(err, broken) || !IsSource(err) {
		t.Errorf("a source that fails: %v", err)
	}
	if IsSource(ErrCut) {
		t.Error("ErrCut is no error of the source")
	}
}

// FuzzReader holds the reader against encoding/json, and against itself with
// other sizes of reads.
func FuzzReader(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":null}]}`, `"\ud83d\ude00"`, `[1e5,-0.0]`, "{}\n{}\n", `[true,false]`, `"\u0000é"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := read(bytes.NewReader(b))
		slow, slowErr := read(iotest.OneByteReader(bytes.NewReader(b)))
		if fmt.Sprint(got, err) != fmt.Sprint(slow, slowErr) {
			t.Fatalf("in single bytes: %v %v\nat once: %v %v", slow, slowErr, got, err)
		}
		in := New(bytes.NewReader(b), 1<<20)
		var skipErr error
		for skipErr == nil {
			if _, skipErr = in.Peek(); skipErr == nil {
				skipErr = in.Skip()
			}
		}
		if (skipErr == io.EOF) != (err == nil) {
			t.Fatalf("Skip: %v, reading: %v", skipErr, err)
		}
		want, wantErr := twin(b)
		switch {
		case err == nil && wantErr == nil:
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("got %v\nwant %v", got, want)
			}
		case err == nil && !strings.Contains(wantErr.Error(), "cannot unmarshal number"):
			t.Fatalf("reads what is no JSON: %v", wantErr)
		case wantErr == nil && utf8.Valid(b) && !strings.Contains(err.Error(), "surrogate") && !strings.Contains(err.Error(), "deep"):
			// The twin takes 00 for two numbers.
			if !strings.Contains(err.Error(), "more than 400") && !strings.Contains(err.Error(), "a number is due") {
				t.Fatalf("refuses JSON: %v", err)
			}
		}
	})
}

func BenchmarkReader(b *testing.B) {
	var text bytes.Buffer
	for i := range 10000 {
		fmt.Fprintf(&text, `{"db":0,"key":"user:%d","type":"hash","value":{"name":"Ada Lovelace","email":"ada%d@example.com"}}`+"\n", i, i)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	var buf []byte
	var walk func(r *Reader) error
	walk = func(r *Reader) (err error) {
		if err = r.Open('{'); err != nil {
			return err
		}
		for {
			more, err := r.More('}')
			if err != nil || !more {
				return err
			}
			if buf, err = r.AppendName(buf[:0]); err != nil {
				return err
			}
			switch c, _ := r.Peek(); c {
			case '{':
				err = walk(r)
			case '"':
				buf, err = r.AppendString(buf[:0])
			default:
				buf, err = r.AppendNumber(buf[:0])
			}
			if err != nil {
				return err
			}
		}
	}
	for b.Loop() {
		r := New(bytes.NewReader(text.Bytes()), 1<<20)
		for {
			if _, err := r.Peek(); err == io.EOF {
				break
			}
			if err := walk(r); err != nil {
				b.Fatal(err)
			}
		}
	}
}
