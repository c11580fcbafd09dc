package memory_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/rdbtool/rdbtool/entry/filter"
	"github.com/rdbtool/rdbtool/memory"
	"github.com/rdbtool/rdbtool/rdb"
)

// addsUp checks that all parts of a report are of the same keys. What a sample
// says is rounded, part by part.
func addsUp(t testing.TB, r *memory.Report) {
	t.Helper()
	figures := func(g *memory.Group) map[string]int64 {
		m := map[string]int64{
			"keys": g.Keys, "elements": g.Elements, "bytes": g.Bytes, "data": g.Data, "exact": g.Exact, "names": g.Names, "content": g.Content, "stored": g.Stored,
		}
		part := func(name string, p memory.Part) { m[name+" keys"], m[name+" bytes"] = p.Keys, p.Bytes }
		part("forever", g.NoExpiry)
		part("expired", g.Expired)
		part("day", g.Day)
		part("week", g.Week)
		part("later", g.Later)
		part("packable", g.Packable)
		part("compressible", g.Compressible)
		for name, a := range map[string]*memory.Access{"idle": g.Idle, "freq": g.Freq} {
			if a != nil {
				part(name+" hot", a.Hot)
				part(name+" warm", a.Warm)
				part(name+" cool", a.Cool)
				part(name+" cold", a.Cold)
			}
		}
		for i, p := range g.Files {
			part(fmt.Sprintf("file %d", i), p)
		}
		return m
	}
	near := func(a, b, parts int64) bool { return a == b || r.Sample < 1 && max(a-b, b-a) <= parts }
	total := figures(&r.Total)
	lives := []memory.Part{r.Total.NoExpiry, r.Total.Expired, r.Total.Day, r.Total.Week, r.Total.Later}
	var life memory.Part
	for _, p := range lives {
		life.Keys, life.Bytes = life.Keys+p.Keys, life.Bytes+p.Bytes
	}
	if !near(life.Keys, r.Total.Keys, 5) || !near(life.Bytes, r.Total.Bytes, 5) {
		t.Errorf("%d keys of %d bytes by expiry, %d of %d in all", life.Keys, life.Bytes, r.Total.Keys, r.Total.Bytes)
	}
	for _, table := range r.Tables {
		sum := map[string]int64{}
		for i := range table.Groups {
			for k, v := range figures(&table.Groups[i]) {
				sum[k] += v
			}
			if i > 0 && table.Groups[i].Bytes > table.Groups[i-1].Bytes {
				t.Errorf("by %s: %s stands too low", table.By, table.Groups[i].Name)
			}
		}
		for k, v := range total {
			if !near(sum[k], v, int64(len(table.Groups))) {
				t.Errorf("by %s: %d %s, %d in all", table.By, sum[k], k, v)
			}
		}
	}
	var files memory.Part
	for _, f := range r.Files {
		files.Keys, files.Bytes = files.Keys+f.Keys, files.Bytes+f.Bytes
	}
	if files != (memory.Part{Keys: r.Total.Keys, Bytes: r.Total.Bytes}) {
		t.Errorf("files of %+v, %d keys of %d bytes in all", files, r.Total.Keys, r.Total.Bytes)
	}
	for name, bins := range map[string][]memory.Bin{"sizes": r.Sizes, "TTLs": r.TTLs} {
		var sum memory.Bin
		for i, b := range bins {
			sum.Keys, sum.Bytes = sum.Keys+b.Keys, sum.Bytes+b.Bytes
			if i > 0 && b.From <= bins[i-1].From {
				t.Errorf("%s: %d behind %d", name, b.From, bins[i-1].From)
			}
		}
		if !near(sum.Keys, r.Total.Keys, int64(len(bins))) || !near(sum.Bytes, r.Total.Bytes, int64(len(bins))) {
			t.Errorf("%s of %d keys and %d bytes, %d of %d in all", name, sum.Keys, sum.Bytes, r.Total.Keys, r.Total.Bytes)
		}
	}
	if n := r.Total; n.Exact > n.Bytes || n.Names > n.Bytes || n.Packable.Bytes > n.Bytes {
		t.Errorf("parts are more than the total: %+v", n)
	}
	for _, f := range r.Files {
		a := f.Account
		if a.Total != a.Dataset+a.Tables+a.Functions+a.Startup || a.UsedMemory > 0 && a.Residual != a.UsedMemory-a.Total {
			t.Errorf("%s: the account does not add up: %+v", f.Name, a)
		}
		var tables int64
		for _, d := range f.Databases {
			tables += d.MainTable + d.Expiry
		}
		if a.Tables != tables {
			t.Errorf("%s: tables of %d, of the databases %d", f.Name, a.Tables, tables)
		}
	}
}

func TestReportAddsUp(t *testing.T) {
	whole, _ := shards(4000)
	for _, o := range []memory.Options{
		{By: everyGrouping()}, {By: everyGrouping(), MaxPatterns: 1}, {By: everyGrouping(), MaxPatterns: 5, Top: 1}, {By: everyGrouping(), Sample: 0.3},
		{By: everyGrouping(), Filter: &filter.Filter{DBs: []int{3}}},
	} {
		r := analyze(t, whole, o)
		addsUp(t, r)
		for _, table := range r.Tables {
			if byName := table.By == "pattern" || table.By == "prefix"; byName && o.MaxPatterns > 0 && len(table.Groups) > o.MaxPatterns {
				t.Errorf("by %s: %d groups, room for %d", table.By, len(table.Groups), o.MaxPatterns)
			}
		}
	}
}

// The lines by key are the keys of the report.
func TestPerKeyIsTheTotal(t *testing.T) {
	whole, _ := shards(1500)
	var sum memory.Group
	o := memory.Options{PerKey: func(k *memory.PerKey) error {
		sum.Keys++
		sum.Bytes += k.Bytes
		sum.Elements += k.Elements
		if k.Exact {
			sum.Exact += k.Bytes
		}
		return nil
	}}
	if r := analyze(t, whole, o).Total; r.Keys != sum.Keys || r.Bytes != sum.Bytes || r.Elements != sum.Elements || r.Exact != sum.Exact {
		t.Errorf("total %+v, by key %+v", r, sum)
	}
	full := errors.New("full")
	o = memory.Options{PerKey: func(*memory.PerKey) error { return full }}
	if r, err := memory.Analyze(t.Context(), strings.NewReader(whole), rdb.Options{}, o); r != nil || !errors.Is(err, full) {
		t.Errorf("the caller's error is lost: %v", err)
	}
}

// chunked gives a file in reads of odd sizes.
type chunked struct {
	data string
	n    int
}

func (c *chunked) Read(p []byte) (int, error) {
	if c.data == "" {
		return 0, io.EOF
	}
	c.n = (c.n*5 + 3) % 9973
	n := copy(p, c.data[:min(len(c.data), 1+c.n)])
	c.data = c.data[n:]
	return n, nil
}

// A report depends neither on how many work on it nor on how the file comes.
func TestReportIsTheSame(t *testing.T) {
	whole, _ := shards(4000)
	o := memory.Options{By: everyGrouping(), MaxPatterns: 12, Now: now, Jobs: 1}
	small := newFile()
	mixed(7, 200, func(string) *file { return small })
	for name, data := range map[string]string{"large": whole, "small": small.String()} {
		report := func(src io.Reader, size int64, jobs int) []byte {
			o.Jobs = jobs
			r, err := memory.Analyze(t.Context(), src, rdb.Options{Size: size}, o)
			if err != nil {
				t.Fatal(err)
			}
			return text(t, r)
		}
		want := report(strings.NewReader(data), int64(len(data)), 1)
		check := func(what string, got []byte) {
			t.Helper()
			if !bytes.Equal(got, want) {
				t.Errorf("%s, %s: %s", name, what, firstDifference(got, want))
			}
		}
		for _, jobs := range []int{0, 2, 3, 7} {
			check(fmt.Sprint(jobs, " jobs"), report(strings.NewReader(data), int64(len(data)), jobs))
		}
		check("unknown size", report(strings.NewReader(data), 0, 2))
		check("odd reads", report(&chunked{data: data}, 0, 2))
		check("end with the last bytes", report(iotest.DataErrReader(strings.NewReader(data)), 0, 2))
		if name == "small" {
			check("byte by byte", report(iotest.OneByteReader(strings.NewReader(data)), 0, 1))
		}
	}
}

// A sample says about the same, and how far it may be off.
func TestSample(t *testing.T) {
	f := newFile()
	mixed(11, 20000, func(string) *file { return f })
	all, part := analyze(t, f.String(), memory.Options{}), analyze(t, f.String(), memory.Options{Sample: 0.1})
	if part.Sample != 0.1 || part.Total.Squares == 0 || all.Total.Squares != 0 {
		t.Fatalf("sample %v, squares %v and %v", part.Sample, part.Total.Squares, all.Total.Squares)
	}
	// Of a sum over a sample of the share p, the variance is that of its terms
	// times (1-p)/p.
	within := func(what string, got, want int64, squares float64) {
		t.Helper()
		if sigma := math.Sqrt(squares * 0.9 / 0.1 / 0.1); math.Abs(float64(got-want)) > 5*sigma {
			t.Errorf("%s: %d, and %d of all, sigma %.0f", what, got, want, sigma)
		}
	}
	within("bytes", part.Total.Bytes, all.Total.Bytes, part.Total.Squares)
	within("keys", part.Total.Keys, all.Total.Keys, float64(all.Total.Keys)*0.1)
	for _, g := range part.Tables[1].Groups {
		for _, w := range all.Tables[1].Groups {
			if g.Name == w.Name {
				within(g.Name, g.Bytes, w.Bytes, g.Squares)
			}
		}
	}
	if part.Total.Keys == all.Total.Keys {
		t.Error("the sample is all keys")
	}
	// The account is of the data set, whatever the sample: the tables are to the byte.
	if a, b := part.Files[0].Account, all.Files[0].Account; a.Tables != b.Tables || math.Abs(float64(a.Total-b.Total)) > 0.2*float64(b.Total) {
		t.Errorf("account %+v, of all keys %+v", a, b)
	}
	// A filter does not change which keys are in the sample, nor the account.
	o := memory.Options{Sample: 0.1, Filter: &filter.Filter{DBs: []int{0}}}
	if r := analyze(t, f.String(), o); r.Files[0].Account.Total != part.Files[0].Account.Total || r.Total.Keys >= part.Total.Keys {
		t.Errorf("with a filter %d keys and the account %+v", r.Total.Keys, r.Files[0].Account)
	}
}

// slow gives bytes until the context ends, and then tells whether it was read on.
type slow struct {
	data   string
	cancel context.CancelFunc
}

func (s *slow) Read(p []byte) (int, error) {
	if s.data == "" {
		s.cancel()
		return 0, errors.New("read after the cancellation")
	}
	n := copy(p, s.data[:min(len(s.data), 1000)])
	s.data = s.data[n:]
	if len(s.data) < 1000 {
		s.cancel()
	}
	return n, nil
}

func TestAnalyzeIsCancelled(t *testing.T) {
	whole, _ := shards(1000)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if r, err := memory.Analyze(ctx, &slow{whole[:len(whole)/2], cancel}, rdb.Options{}, memory.Options{}); r != nil || err == nil {
		t.Errorf("report %v, error %v", r, err)
	}
	cancel()
	if r, err := memory.Analyze(ctx, strings.NewReader(whole), rdb.Options{}, memory.Options{}); r != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("report %v, error %v", r, err)
	}
}

// The errors of a source are its own.
func TestAnalyzeOfAFailingSource(t *testing.T) {
	whole, _ := shards(200)
	broken := errors.New("broken disk")
	for _, n := range []int{0, 5, 100, 70_000, len(whole) / 2, len(whole) - 1} {
		src := io.MultiReader(strings.NewReader(whole[:n]), iotest.ErrReader(broken))
		if r, err := memory.Analyze(t.Context(), src, rdb.Options{}, memory.Options{}); r != nil || !errors.Is(err, broken) {
			t.Errorf("after %d bytes: report %v, error %v", n, r, err)
		}
	}
}

// A key whose time was before 1970 has expired, and is not one that never does.
func TestExpiryBefore1970(t *testing.T) {
	r := analyze(t, newFile().expires(-3e9*time.Second).str("k", "v").str("never", "v").String(), memory.Options{})
	if r.Total.Expired.Keys != 1 || r.Total.NoExpiry.Keys != 1 || r.Files[0].Databases[0].Expires != 1 {
		t.Errorf("total %+v, databases %+v", r.Total, r.Files[0].Databases)
	}
}
