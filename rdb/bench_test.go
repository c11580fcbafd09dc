package rdb_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// benchSize is about what each benchmark file holds, in bytes.
const benchSize = 4 << 20

// benchFile repeats a value until the file is large.
func benchFile(typ byte, value []byte) []byte {
	var body []byte
	for i := 0; len(body) < benchSize; i++ {
		body = append(body, record(typ, "key:"+strconv.Itoa(i), value)...)
	}
	return file("REDIS0012", body)
}

// benchFiles are files of one encoding each.
func benchFiles() []struct {
	name string
	b    []byte
} {
	var texts, pairs, scored, numbers []any
	var plain []string
	var members []int64
	for i := range 100 {
		text := "element:" + strconv.Itoa(i*7919%1000)
		texts, numbers, members = append(texts, text), append(numbers, i*i*13), append(members, int64(i*i*13))
		pairs = append(pairs, "field"+strconv.Itoa(i), text)
		plain = append(plain, "field"+strconv.Itoa(i), text)
		scored = append(scored, text, strconv.FormatFloat(float64(i)*1.1, 'g', 17, 64))
	}
	list := cat(num(100), strs(plain[:100]...))
	s, _ := manyNodes(4)
	v := func(typ byte, parts ...any) []byte { return benchFile(typ, cat(parts...)) }
	withTTL, _ := many(100, func(i int) ([]byte, string) { return cat(num(uint64(i)), strs(plain[2*i], plain[2*i+1])), "" })
	scores, _ := many(100, func(i int) ([]byte, string) { return cat(str(plain[2*i+1]), dbl(float64(i)*1.1)), "" })
	oldScores, _ := many(100, func(i int) ([]byte, string) {
		return cat(str(plain[2*i+1]), textDouble(strconv.FormatFloat(float64(i)*1.1, 'g', 17, 64))), ""
	})
	vectors := cat(vectorSet, itemUint(64), itemUint(10), itemUint(16<<8|1), itemUint(0))
	for i := range 10 {
		vectors = cat(vectors, itemStr("element"+strconv.Itoa(i)), itemStr(string(repeat(64, []byte{77}))), graphNode("81 3F 4C CC CD 40 A0 00 00"))
	}
	return []struct {
		name string
		b    []byte
	}{
		{"string-raw", v(0, str(words(1, 64)))},
		{"string-raw-64k", v(0, str(words(1, 64<<10)))},
		{"string-raw-3m", v(0, str(words(1, huge)))},
		{"string-int", v(0, strInt32(123456))},
		{"string-lzf", v(0, strLZF(words(2, 300)))},
		{"string-lzf-3m", v(0, strLZF(words(2, huge)))},
		{"list-plain", v(1, list)},
		{"list-ziplist", v(10, blob(ziplist(texts...)))},
		{"quicklist-ziplist", v(14, num(2), repeat(2, blob(ziplist(texts...))))},
		{"quicklist", v(18, num(2), repeat(2, cat(2, blob(listpack(texts...)))))},
		{"quicklist-lzf", v(18, num(2), repeat(2, cat(2, strLZF(string(listpack(texts...))))))},
		{"set-plain", v(2, list)},
		{"set-listpack", v(20, blob(listpack(texts...)))},
		{"intset", v(11, blob(intset(4, members...)))},
		{"zset-text", v(3, oldScores)},
		{"zset-plain", v(5, scores)},
		{"zset-ziplist", v(12, blob(ziplist(scored...)))},
		{"zset-listpack", v(17, blob(listpack(scored...)))},
		{"hash-plain", v(4, num(100), strs(plain...))},
		{"hash-plain-ttl", v(24, ms8(1900000000000), withTTL)},
		{"hash-zipmap", v(9, blob(zipmap(plain...)))},
		{"hash-ziplist", v(13, blob(ziplist(pairs...)))},
		{"hash-listpack", v(16, blob(listpack(pairs...)))},
		{"hash-listpack-int", v(16, blob(listpack(numbers...)))},
		{"stream", v(21, s.value(3))},
		{"module", v(7, num64(moduleID("ReJSON-RL", 3)), itemStr(words(3, 300)), 0)},
		{"vector-set", v(7, vectors, 0)},
	}
}

// BenchmarkReader reads every element.
func BenchmarkReader(b *testing.B) {
	for _, f := range benchFiles() {
		b.Run(f.name, func(b *testing.B) {
			b.SetBytes(int64(len(f.b)))
			b.ReportAllocs()
			elems := 0
			for b.Loop() {
				elems = 0
				r := rdb.NewReader(bytes.NewReader(f.b), nil)
				for {
					e, err := r.Next()
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					for e.Value.Next() {
						elems++
					}
					if err := e.Value.Err(); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(elems), "ns/element")
		})
	}
}

// BenchmarkScan reads keys alone: lengths, and the checksum of all bytes.
func BenchmarkScan(b *testing.B) {
	for _, f := range benchFiles() {
		b.Run(f.name, func(b *testing.B) {
			b.SetBytes(int64(len(f.b)))
			b.ReportAllocs()
			for b.Loop() {
				r := rdb.NewReader(bytes.NewReader(f.b), nil)
				for {
					if _, err := r.Next(); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkProcess reads every element on several goroutines.
func BenchmarkProcess(b *testing.B) {
	for _, f := range benchFiles() {
		if f.name != "hash-plain" && f.name != "string-lzf" && f.name != "zset-listpack" {
			continue
		}
		for _, jobs := range []int{1, 2, 4} {
			b.Run(fmt.Sprintf("%s/%d", f.name, jobs), func(b *testing.B) {
				b.SetBytes(int64(len(f.b)))
				b.ReportAllocs()
				for b.Loop() {
					_, _, err := rdb.Process(context.Background(), bytes.NewReader(f.b), nil, rdb.Processor[int]{
						Jobs: jobs,
						New:  func() int { return 0 },
						Work: func(batch *rdb.Batch, _ int, _ func() error) error {
							for {
								e, err := batch.Next()
								if err == io.EOF {
									return nil
								}
								if err != nil {
									return err
								}
								for _, err := range entry.Elems(e.Value) {
									if err != nil {
										return err
									}
								}
							}
						},
						Emit: func(int) error { return nil },
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkSmallReads reads a record of many elements as it comes from a
// connection, a little at a time.
func BenchmarkSmallReads(b *testing.B) {
	hash, _ := many(60000, func(i int) ([]byte, string) { return strs("field "+strconv.Itoa(i), "a value"), "" })
	f := file("REDIS0012", record(4, "k", hash))
	for _, size := range []int{1 << 10, 4 << 10, 64 << 10, 1 << 20} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			b.SetBytes(int64(len(f)))
			b.ReportAllocs()
			for b.Loop() {
				r := rdb.NewReader(&pieces{f, size}, nil)
				for _, err := range r.Entries() {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
