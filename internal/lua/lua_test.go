package lua

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func eval(text string) ([]Value, error) {
	env := Library()
	p, err := Compile(text, env)
	if err != nil {
		return nil, err
	}
	return p.Run(env)
}

// TestNested gives texts that go deep: they are refused, and the stack stays
// small.
func TestNested(t *testing.T) {
	n := maxText / 30
	for _, part := range []struct{ open, middle, shut string }{
		{"return " + strings.Repeat("(", n), "1", strings.Repeat(")", n)},
		{"return " + strings.Repeat("{", n), "", strings.Repeat("}", n)},
		{"return " + strings.Repeat("not ", n), "1", ""},
		{"return " + strings.Repeat("- ", n), "1", ""},
		{"return " + strings.Repeat("1 + ", n), "1", ""},
		{"return " + strings.Repeat("1 ^ ", n), "1", ""},
		{"return " + strings.Repeat("'' .. ", n), "''", ""},
		{"return " + strings.Repeat("true and ", n), "1", ""},
		{"return " + strings.Repeat("type(", n), "1", strings.Repeat(")", n)},
		{"local f return f" + strings.Repeat("()", n), "", ""},
		{"local f return f" + strings.Repeat(".x", n), "", ""},
		{"local f return f" + strings.Repeat(":x()", n), "", ""},
		{"local f return " + strings.Repeat("f[", n), "1", strings.Repeat("]", n)},
		{strings.Repeat("do ", n), "", strings.Repeat("end ", n)},
		{strings.Repeat("if 1 then ", n), "", strings.Repeat("end ", n)},
		{"return " + strings.Repeat("function() return ", n), "1", strings.Repeat(" end", n)},
		{strings.Repeat("return (", 180) + "1" + strings.Repeat(" + 1", 1000), "", strings.Repeat(")"+strings.Repeat(" + 1", 1000), 180)},
	} {
		var refused *Refusal
		if _, err := eval(part.open + part.middle + part.shut); !errors.As(err, &refused) {
			t.Errorf("%.40s: %v", part.open, err)
		}
	}
	if _, err := eval("if 1 then " + strings.Repeat("elseif 1 then ", n) + "end"); err != nil {
		t.Errorf("elseif: %v", err)
	}
}

// TestRecursion: calls within each other whose expressions are as deep as they
// may be.
func TestRecursion(t *testing.T) {
	deep := strings.Repeat("(1 + ", 100) + "f()" + strings.Repeat(")", 100)
	var refused *Refusal
	if _, err := eval("local f f = function() return " + deep + " end return f()"); !errors.As(err, &refused) {
		t.Error(err)
	}
}

func TestFormatNumber(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want string
	}{
		{0, "0"}, {1, "1"}, {-5, "-5"}, {0.1, "0.1"}, {1e13, "10000000000000"}, {1e14, "1e+14"}, {99999999999999, "99999999999999"},
		{123456789012345, "1.2345678901234e+14"}, {1.0 / 3, "0.33333333333333"}, {1e-4, "0.0001"}, {1e-5, "1e-05"}, {1e100, "1e+100"}, {100.5, "100.5"},
		{9.99999999999995, "10"}, {999999999999999, "1e+15"},
	} {
		if got, err := FormatNumber(c.f); got != c.want || err != nil {
			t.Errorf("%v: %s, %v; want %s", c.f, got, err, c.want)
		}
		// C's %.14g.
		if c.want != fmt.Sprintf("%.14g", c.f) {
			t.Errorf("%v: package fmt has %.14g", c.f, c.f)
		}
	}
}

// TestTableLength holds the length of tables against one that is counted.
func TestTableLength(t *testing.T) {
	state := uint64(1)
	draw := func(n uint64) uint64 {
		state = state*6364136223846793005 + 1442695040888963407
		return state >> 33 % n
	}
	for range 2000 {
		table := NewTable(nil)
		set := map[int]bool{}
		for range 40 {
			k := 1 + int(draw(8))
			var v Value
			if draw(3) > 0 {
				v = float64(k)
			}
			table.Set(float64(k), v)
			if delete(set, k); v != nil {
				set[k] = true
			}
			whole := true
			for i := 1; i <= len(set); i++ {
				whole = whole && set[i]
			}
			n, err := table.length()
			if whole != (err == nil) || whole && n != len(set) {
				t.Fatalf("%v: length %d, %v", set, n, err)
			}
			for i := range 10 {
				if (table.Get(float64(i)) != nil) != set[i] {
					t.Fatalf("%v: key %d is %v", set, i, table.Get(float64(i)))
				}
			}
		}
	}
}

// TestLongStrings: what looks at long strings again and again is refused, and in
// time.
func TestLongStrings(t *testing.T) {
	for _, text := range []string{
		`local a, b = string.rep('x', 2e7), string.rep('x', 2e7) while true do if a ~= b then return end end`,
		`local a = string.rep('1', 300) .. string.rep(' ', 2e7) while true do a = a and -a end`,
		`local a = '1' .. string.rep(' ', 2e7) while true do local b = a + 1 end`,
		`local a = '1' .. string.rep(' ', 2e7) while true do for i = a, 0 do end end`,
		`local a, t = string.rep('x', 2e7), {} while true do if t[a] then return end end`,
		`local a, t = string.rep('x', 2e7), {} while true do t[a] = nil end`,
		`local f = string.rep('x', 2e7) .. '%d' while true do pcall(string.format, f) end`,
		`local p = string.rep('x', 2e7) .. '%' while true do pcall(string.find, 'y', p) end`,
		`local p = '[' .. string.rep('x', 1e6) .. ']*y' return string.find(string.rep('z', 1e7), p)`,
		`local p = '[' .. string.rep('x', 1e6) .. 'z]*y' return string.find(string.rep('z', 1e7), p)`,
		`local p = '[' .. string.rep('x', 1e6) .. 'z]-y' return string.find(string.rep('z', 1e7), p)`,
		`return string.gsub(string.rep('x', 1e6), '.*', string.rep('%0', 1e6))`,
		`return string.gsub(string.rep('x', 1e6), '(.*)', string.rep('%1', 1e6))`,
		`return string.gsub(string.rep('x', 1e6), '', string.rep('y', 1e6))`,
	} {
		start := time.Now()
		var refused *Refusal
		if _, err := eval(text); !errors.As(err, &refused) {
			t.Errorf("%s: %v", text, err)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: refused after %v", text, took)
		}
	}
}
