package verify_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/verify"
)

// examine examines a log of one file.
func examine(t testing.TB, b []byte, until *verify.Until) *verify.Examination {
	t.Helper()
	e, err := verify.Examine(t.Context(), aof.NewLog(bytes.NewReader(b), "a.aof", nil), "a.aof", until, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// kept returns what a repair keeps of b, and what it leaves out.
func kept(t testing.TB, r *verify.Repair, b []byte) (kept, dropped string) {
	t.Helper()
	read := func(r io.Reader) string {
		all, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(all)
	}
	f := &r.Files[0]
	return read(f.Kept(bytes.NewReader(b))), read(f.Dropped(bytes.NewReader(b)))
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// Each damage, and what the three modes keep: "refused" where one does nothing.
func TestPlan(t *testing.T) {
	a, b, c := cmd("SET a 1"), cmd("SET b 2"), cmd("SET c 3")
	multi, exec, select0, select3 := cmd("MULTI"), cmd("EXEC"), cmd("SELECT 0"), cmd("SELECT 3")
	zeros := strings.Repeat("\x00", 100)
	const no = "refused"
	for name, tt := range map[string]struct {
		text            string
		tail, skip, all string
	}{
		"torn":                       {a + b[:9], a, a, a},
		"torn transaction":           {a + multi + b + c[:9], a, a, a},
		"transaction of 2 databases": {a + multi + b + select3 + c, a, a, a},
		"zero bytes":                 {a + zeros, a, a, a},
		"zero bytes in transaction":  {a + multi + b + zeros, a, a, a},
		"nothing whole":              {a[:9], "", "", ""},
		"middle":                     {a + zeros + b, no, a + b, a},
		"two in the middle":          {a + zeros + b + b + b + "x" + c, no, a + b + b + b + c, a},
		"middle and torn":            {a + zeros + b + b + b + c[:9], no, a + b + b + b, a},
		"in a transaction":           {a + multi + b + zeros + c + exec + c, no, a + multi + b + c + exec + c, a},
		"EXEC lost":                  {a + multi + b + "*x" + c + multi + b + exec, no, a + b + c + multi + b + exec, a},
		"EXEC lost, at the end":      {a + multi + b + "*x" + c, no, a + b + c, a},
		"MULTI lost":                 {a + "*x" + b + exec + c, no, a + b + c, a},
		"wrong number":               {a + cmd("GETSET k") + b, no, a + b, a},
		"wrong number at the end":    {a + cmd("GETSET k"), a, a, a},
		"EXEC alone":                 {a + exec + b, no, a + b, a},
		"SELECT of a word":           {a + cmd("SELECT x") + b, no, a + b, a},
		"orphan":                     {a + multi + b + select0 + c, no, a + select0 + c, a},
		"orphan, torn":               {a + multi + b + select0 + c + b[:9], no, a + select0 + c, a},
		"orphan with a transaction":  {a + multi + b + select0 + multi + c + exec, no, a + select0 + multi + c + exec, a},
		"orphan of many":             {a + multi + b + select3 + strings.Repeat(c, 70), no, a + select3 + strings.Repeat(c, 70), a},
		"orphan, cannot be told":     {a + multi + b + select3 + b + cmd("SELECT 4") + strings.Repeat(c, 70), no, no, a},
		"nested, cannot be told":     {a + multi + b + multi + c + exec, no, no, a},
	} {
		t.Run(name, func(t *testing.T) {
			e := examine(t, []byte(tt.text), nil)
			if e.Healthy() {
				t.Fatal("it is healthy")
			}
			for mode, want := range map[verify.Mode]string{verify.CutTail: tt.tail, verify.SkipDamage: tt.skip, verify.CutAll: tt.all} {
				r, err := e.Plan(mode)
				var refusal *verify.Refusal
				if errors.As(err, &refusal) {
					if want != no || !refusal.Damage {
						t.Errorf("mode %d: refused: %v", mode, err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				got, dropped := kept(t, r, []byte(tt.text))
				if got != want || int64(len(dropped)) != r.Bytes() || len(got)+len(dropped) != len(tt.text) {
					t.Errorf("mode %d: kept %q, want %q; %d bytes are left out, %d counted", mode, got, want, len(dropped), r.Bytes())
				}
				open := func(int) (verify.File, error) { return inMemory{bytes.NewReader([]byte(tt.text))}, nil }
				if err := e.Prove(t.Context(), r, open); err != nil {
					t.Errorf("mode %d: %v", mode, err)
				}
			}
		})
	}
}

// A log that is whole has nothing to repair, and can be cut at a place.
func TestPlanUntil(t *testing.T) {
	text := "#TS:100\r\n" + cmd("SET a 1") + "#TS:200\r\n" + cmd("MULTI", "SET b 2", "EXEC") + "#TS:300\r\n" + cmd("SET c 3")
	e := examine(t, []byte(text), nil)
	if r, err := e.Plan(verify.CutTail); err != nil || !r.Empty() || !e.Healthy() {
		t.Errorf("a log that is whole: %+v, %v", r, err)
	}
	for _, tt := range []struct {
		until *verify.Until
		want  int
		kept  int64
	}{
		{&verify.Until{Seconds: 99}, 0, 0},
		{&verify.Until{Seconds: 100}, 36, 100},
		{&verify.Until{Seconds: 250}, 101, 200},
		{&verify.Until{Point: &verify.Point{Offset: 36}}, 36, 100},
		{&verify.Until{Point: &verify.Point{Offset: 35}}, 9, 100},
		{&verify.Until{Point: &verify.Point{Offset: 95}}, 45, 200},
		{&verify.Until{Point: &verify.Point{Offset: 101}}, 101, 200},
		{&verify.Until{Point: &verify.Point{Offset: 0}}, 0, 0},
	} {
		e := examine(t, []byte(text), tt.until)
		if ends, err := e.Ends(); err != nil || !ends {
			t.Fatalf("%+v: %v, %v", tt.until, ends, err)
		}
		r, err := e.Plan(verify.CutTail)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := kept(t, r, []byte(text))
		if got != text[:tt.want] || !r.Kept.IsZero() != (tt.kept != 0) || tt.kept != 0 && r.Kept.Unix() != tt.kept {
			t.Errorf("%+v: %d bytes are kept up to %v, want %d up to %d", tt.until, len(got), r.Kept, tt.want, tt.kept)
		}
	}
	if ends, err := examine(t, []byte(text), &verify.Until{Seconds: 300}).Ends(); ends || err != nil {
		t.Errorf("a time behind the end: %v, %v", ends, err)
	}
	// Damage behind the end does not matter, damage in front of it does.
	damaged := text + "x" + cmd("SET d 4")
	for offset, refused := range map[int64]bool{36: false, int64(len(damaged)): true} {
		e := examine(t, []byte(damaged), &verify.Until{Point: &verify.Point{Offset: offset}})
		if _, err := e.Plan(verify.CutTail); (err != nil) != refused {
			t.Errorf("until %d: %v", offset, err)
		}
	}
}

// FuzzPlan: whatever is repaired is whole then, nothing is left out twice, and a
// healthy log loses nothing.
func FuzzPlan(f *testing.F) {
	multi := cmd("MULTI")
	for _, text := range []string{
		set + set[:9], set + "x" + set, set + multi + set + cmd("SELECT 0") + set, multi + multi + cmd("EXEC", "EXEC"),
		set + multi + set + "*x" + set + multi + set + cmd("EXEC"), set + cmd("GETSET k", "SELECT x", "EXEC") + set, set + "\x00\x00\x00",
		multi + cmd("GETSET k") + "\x00" + set + cmd("EXEC") + multi,
	} {
		f.Add([]byte(text), uint16(30))
	}
	f.Fuzz(func(t *testing.T, b []byte, until uint16) {
		if aof.IsRDB(b) {
			return
		}
		for _, u := range []*verify.Until{nil, {Point: &verify.Point{Offset: int64(until)}}} {
			e := examine(t, b, u)
			for mode := range verify.CutAll + 1 {
				r, err := e.Plan(mode)
				if err != nil {
					continue
				}
				if u == nil && e.Healthy() != r.Empty() {
					t.Fatalf("healthy %v, and %+v is left out", e.Healthy(), r.Files)
				}
				got, dropped := kept(t, r, b)
				if len(got)+len(dropped) != len(b) {
					t.Fatalf("%d bytes are kept and %d left out of %d", len(got), len(dropped), len(b))
				}
				open := func(int) (verify.File, error) { return inMemory{bytes.NewReader(b)}, nil }
				if _, err := e.Loss(t.Context(), r, open); err != nil {
					t.Fatal(err)
				}
				again := examine(t, []byte(got), nil)
				if !again.Healthy() {
					t.Fatalf("mode %d keeps %q, which is not whole: %s", mode, got, codes(again.Report))
				}
			}
		}
	})
}

// Logs of random pieces, whole and damaged: what a repair keeps is whole, whatever the
// mode, and a mode that refuses does so for a reason.
func TestPlanRandom(t *testing.T) {
	pieces := []string{
		cmd("SET a 1"), cmd("SET b 2"), cmd("MULTI"), cmd("MULTI"), cmd("EXEC"), cmd("EXEC"), cmd("SELECT 0"), cmd("SELECT 3"),
		cmd("MULTI", "SET c 1", "EXEC"), "#TS:100\r\n", "x", "\x00\x00", cmd("GETSET k"), cmd("SELECT x"), cmd("DISCARD"), "*3\r\n$3\r\nSET\r\n",
		"$5\r\n", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500000\r\nv\r\n", strings.Repeat(cmd("INCR n"), 4), strings.Repeat(cmd("INCR n"), 70), "*1\n$4\nPING\n",
	}
	random := rand.New(rand.NewPCG(3, 4))
	planned := map[verify.Mode]int{}
	n := 5000
	if testing.Short() {
		n = 1000
	}
	for range n {
		var b strings.Builder
		for range 1 + random.IntN(9) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		text := b.String()
		e := examine(t, []byte(text), nil)
		for mode := range verify.CutAll + 1 {
			r, err := e.Plan(mode)
			if err != nil {
				if mode == verify.CutAll {
					t.Fatalf("%q: nothing may be refused: %v", text, err)
				}
				continue
			}
			planned[mode]++
			got, _ := kept(t, r, []byte(text))
			if again := examine(t, []byte(got), nil); !again.Healthy() || e.Healthy() && got != text {
				t.Fatalf("%q: mode %d keeps %q: %s", text, mode, got, codes(again.Report))
			}
		}
	}
	if planned[verify.CutTail] < n/10 || planned[verify.SkipDamage] < n/2 {
		t.Errorf("of %d logs these can be repaired: %v", n, planned)
	}
}
