package verify

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Range is the numbers from Min to Max, both included.
type Range struct {
	Min, Max int64
	text     string
}

// ParseRange reads ">=1000", "<=5", ">0", "<10", "=3", "3" or "10..20".
func ParseRange(s string) (Range, error) {
	r := Range{Max: math.MaxInt64, text: s}
	fail := func() (Range, error) {
		return Range{}, fmt.Errorf("%q is no range of numbers: try >=1000, <=5, >0, <10, =3 or 10..20", s)
	}
	if from, to, ok := strings.Cut(s, ".."); ok {
		a, okA := number(from)
		b, okB := number(to)
		if !okA || !okB || a > b {
			return fail()
		}
		r.Min, r.Max = a, b
		return r, nil
	}
	digits := strings.TrimLeft(s, "<>=")
	n, ok := number(digits)
	if !ok {
		return fail()
	}
	switch s[:len(s)-len(digits)] {
	case ">=":
		r.Min = n
	case ">":
		if n == math.MaxInt64 {
			return fail()
		}
		r.Min = n + 1
	case "<=":
		r.Max = n
	case "<":
		if n == 0 {
			return fail()
		}
		r.Max = n - 1
	case "=", "":
		r.Min, r.Max = n, n
	default:
		return fail()
	}
	return r, nil
}

// number reads decimal digits, nothing else.
func number(s string) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, 63)
	return int64(n), err == nil
}

// Has reports whether n is in the range.
func (r Range) Has(n int64) bool { return n >= r.Min && n <= r.Max }

// String returns the range as it was written.
func (r Range) String() string { return r.text }

// DBExpectation is what databases should hold.
type DBExpectation struct {
	// Only: these databases hold keys and no others; DB and Keys say nothing.
	Only []int
	// DB and Keys: the number of keys in one database.
	DB   int
	Keys Range
}

// ParseDBExpectation reads "0,3" (these databases hold keys, and no others) or
// "0:>=1" (the number of keys in database 0).
func ParseDBExpectation(s string) (e DBExpectation, err error) {
	if db, keys, ok := strings.Cut(s, ":"); ok {
		n, isDB := number(db)
		if !isDB || n > math.MaxInt32 {
			return e, fmt.Errorf("%q is no number of a database", db)
		}
		e.DB = int(n)
		e.Keys, err = ParseRange(keys)
		return e, err
	}
	for _, word := range strings.Split(s, ",") {
		n, isDB := number(word)
		if !isDB || n > math.MaxInt32 || slices.Contains(e.Only, int(n)) {
			return e, fmt.Errorf("%q is no list of databases, such as 0,3, and no number of keys in one, such as 0:>=1", s)
		}
		e.Only = append(e.Only, int(n))
	}
	slices.Sort(e.Only)
	return e, nil
}

// String returns the expectation as ParseDBExpectation reads it.
func (e *DBExpectation) String() string {
	if e.Only != nil {
		return listDBs(e.Only)
	}
	return fmt.Sprintf("%d:%s", e.DB, e.Keys)
}

func listDBs(dbs []int) string {
	words := make([]string, len(dbs))
	for i, db := range dbs {
		words[i] = strconv.Itoa(db)
	}
	return strings.Join(words, ",")
}
