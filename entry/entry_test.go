package entry

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func ExampleElems() {
	var v Value = &fields{{"name", "Ada"}, {"age", "36"}}
	for e, err := range Elems(v) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s = %s\n", e.Data, e.Value)
	}
	// Output:
	// name = Ada
	// age = 36
}

// fields is a cursor that uses its bytes again for each element, as those of
// files do.
type fields [][2]string

var shared Elem

func (f *fields) Next() bool {
	if len(*f) == 0 {
		return false
	}
	shared.Data = append(shared.Data[:0], (*f)[0][0]...)
	shared.Value = append(shared.Value[:0], (*f)[0][1]...)
	*f = (*f)[1:]
	return true
}

func (f *fields) Elem() *Elem { return &shared }
func (f *fields) Err() error  { return nil }

func TestClonesShareNothing(t *testing.T) {
	text := func() []byte { return []byte("before") }
	elem := &Elem{
		Data: text(), Value: text(), Path: text(),
		Stream: &StreamElem{Fields: [][]byte{text()}, Name: text(), Group: Group{Name: text()}, Pending: Pending{Consumer: text()}, Consumer: Consumer{Name: text()}},
		Vector: &Vector{Components: []float32{1}, Attributes: text(), Raw: text()},
		Cron:   &CronJob{Script: text(), Keys: [][]byte{text()}, Args: [][]byte{text()}},
	}
	e := &Entry{
		Key: text(), KeyMeta: []KeyMeta{{Data: text()}}, Vectors: &VectorSet{Projection: text()}, Array: &ArrayInfo{Cursor: 1},
		Meta: &Meta{Name: text(), Value: text(), Engine: text(), Desc: text(), Names: [][]byte{text()}, Nums: []uint64{1}},
	}
	elem2, e2 := elem.Clone(), e.Clone()
	before := fmt.Sprint(describeElem(elem2), describeEntry(e2))
	for _, b := range [][]byte{
		elem.Data, elem.Value, elem.Path, elem.Stream.Fields[0], elem.Stream.Name, elem.Stream.Group.Name, elem.Stream.Pending.Consumer,
		elem.Stream.Consumer.Name, elem.Vector.Attributes, elem.Vector.Raw, elem.Cron.Script, elem.Cron.Keys[0], elem.Cron.Args[0],
		e.Key, e.KeyMeta[0].Data, e.Vectors.Projection, e.Meta.Name, e.Meta.Value, e.Meta.Engine, e.Meta.Desc, e.Meta.Names[0],
	} {
		copy(b, "after!")
	}
	elem.Vector.Components[0], e.Meta.Nums[0], e.Array.Cursor = 2, 2, 2
	if after := fmt.Sprint(describeElem(elem2), describeEntry(e2)); after != before || strings.Contains(after, "after!") {
		t.Errorf("a clone changed with its source:\n%s\n%s", before, after)
	}
}

func describeElem(e *Elem) string {
	return fmt.Sprintf("%s %s %s %s %+v %+v", e.Data, e.Value, e.Path, fmt.Sprintf("%s %s %s %s %s", e.Stream.Fields, e.Stream.Name, e.Stream.Group.Name, e.Stream.Pending.Consumer, e.Stream.Consumer.Name), *e.Vector, *e.Cron)
}

func describeEntry(e *Entry) string {
	return fmt.Sprintf("%s %s %s %d %s %s %s %s %s %d", e.Key, e.KeyMeta[0].Data, e.Vectors.Projection, e.Array.Cursor, e.Meta.Name, e.Meta.Value, e.Meta.Engine, e.Meta.Desc, e.Meta.Names, e.Meta.Nums)
}

func TestErrors(t *testing.T) {
	place := Place{File: "dump.rdb", Offset: 0x1f40, Key: []byte("user:17"), Element: 12, Construct: "listpack"}
	long := place
	long.Key, long.Element, long.Construct = []byte(strings.Repeat("k", 65)), -1, ""
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&CorruptError{place, errors.New("length 93 exceeds the 88 bytes left")}, `dump.rdb: offset 0x1f40: db 0 key "user:17": listpack element 12: length 93 exceeds the 88 bytes left`},
		{&CorruptError{long, ErrTruncated}, `dump.rdb: offset 0x1f40: db 0 key "` + strings.Repeat("k", 64) + `"...: the file ends inside a record`},
		{&CorruptError{Place{Offset: 9, Element: 3}, ErrChecksum}, "offset 0x9: element 3: checksum mismatch"},
		{&UnsupportedError{Place{File: "f", Offset: -1, Element: -1}, "append-only file"}, "f: append-only file: not supported"},
	} {
		if tt.err.Error() != tt.want {
			t.Errorf("%s\nwant %s", tt.err, tt.want)
		}
	}
	if err := error(&CorruptError{place, fmt.Errorf("short: %w", ErrTruncated)}); !errors.Is(err, ErrTruncated) || errors.Is(err, ErrUnsupported) || errors.Is(err, ErrChecksum) {
		t.Error("a cut file is not told apart")
	}
	if err := error(&UnsupportedError{}); !errors.Is(err, ErrUnsupported) {
		t.Error("an UnsupportedError is not ErrUnsupported")
	}
}

func TestNames(t *testing.T) {
	id := ModuleID(0xbde72da2bb1eb400)
	if id.Name() != "vectorset" || id.Version() != 0 {
		t.Errorf("module %s %d", id.Name(), id.Version())
	}
	if got, ok := NewModuleID(id.Name(), id.Version()); got != id || !ok {
		t.Errorf("NewModuleID: %x, %v", got, ok)
	}
	for _, name := range []string{"", "vectorse", "vectorset1", "vector.et"} {
		if id, ok := NewModuleID(name, 0); ok {
			t.Errorf("a module %q has ID %x", name, id)
		}
	}
	for typ := String; typ < numTypes; typ++ {
		if got, err := ParseType(typ.String()); got != typ || err != nil {
			t.Errorf("%s: %v, %v", typ, got, err)
		}
	}
	if _, err := ParseType("none"); err == nil {
		t.Error("none is no type of a key")
	}
	a, b := StreamID{5, 1}, StreamID{5, 2}
	if !a.Less(b) || b.Less(a) || a.Less(a) || !b.Less(StreamID{6, 0}) || b.String() != "5-2" {
		t.Error("stream IDs are out of order")
	}
}
