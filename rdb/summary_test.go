package rdb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

func summarize(t *testing.T, b []byte, jobs int) (*rdb.Summary, error) {
	t.Helper()
	return rdb.Summarize(context.Background(), bytes.NewReader(b), rdb.Options{Name: "f"}, jobs, time.UnixMilli(1_000_000_000))
}

func TestSummarize(t *testing.T) {
	const now, hour = 1_000_000_000, 3_600_000
	kv := record(0, "k", str("v"))
	large := record(0, "large", str(words(1, huge)))
	module := record(7, "m", num64(moduleID("ReJSON-RL", 3)), itemStr("{}"), []byte{0})
	var body []byte
	for _, at := range []int64{now - 1, now, now + 1, now + hour, now + hour + 1, now + 24*hour, now + 24*hour + 1, now + 7*24*hour, now + 7*24*hour + 1} {
		body = cat(body, expireMs(at), kv)
	}
	b := file("REDIS0012", aux("redis-ver", "8.0.6"), cat(0xF5, str("#!lua name=lib1\nreturn")), cat(0xF7, num64(moduleID("scdtype00", 1)), 2, 1, 0),
		selectDB(0), resizeDB(9, 9), body, hx("F4 01 01 00"), selectDB(7), cat(0xF8, 5, kv), cat(0xF9, 5, kv), record(4, "h", cat(1, strs("f", "v"))), module, large)
	size := func(n int, rec []byte) int64 { return int64(n * len(rec)) }
	want := &rdb.Summary{
		Version: rdb.Version{Family: rdb.Redis, Number: 12},
		Aux:     []rdb.AuxField{{Name: "redis-ver", Value: "8.0.6"}},
		Keys:    14, Expires: 9, WithLRU: 1, WithLFU: 1, Slots: 1,
		DBs: []rdb.DBSummary{
			{DB: 0, Keys: 9, Expires: 9, Bytes: size(9, kv) + 9*9},
			{DB: 7, Keys: 5, Bytes: size(2, kv) + 4 + size(1, record(4, "h", cat(1, strs("f", "v")))) + size(1, module) + size(1, large)},
		},
		Types: []rdb.TypeSummary{
			{Type: entry.String, Encoding: entry.Raw, Keys: 12, Bytes: size(11, kv) + 9*9 + 4 + size(1, large)},
			{Type: entry.Hash, Encoding: entry.Hashtable, Keys: 1, Bytes: size(1, record(4, "h", cat(1, strs("f", "v"))))},
			{Type: entry.Module, Encoding: entry.ModuleEncoding, Keys: 1, Bytes: size(1, module)},
		},
		Expiry:    rdb.ExpirySummary{None: 5, Past: 2, Hour: 2, Day: 2, Week: 2, Later: 1},
		Functions: []rdb.FunctionSummary{{Name: "lib1", Engine: "lua", Bytes: 22}},
		Modules: []rdb.ModuleSummary{
			{ID: entry.ModuleID(moduleID("ReJSON-RL", 3)), Keys: 1, Bytes: size(1, module)},
			{ID: entry.ModuleID(moduleID("scdtype00", 1)), Aux: 1, Bytes: 1},
		},
		Opcodes: []rdb.OpcodeCount{
			{Byte: 244, Name: "SLOT_INFO", Count: 1}, {Byte: 245, Name: "FUNCTION2", Count: 1}, {Byte: 247, Name: "MODULE_AUX", Count: 1}, {Byte: 248, Name: "IDLE", Count: 1},
			{Byte: 249, Name: "FREQ", Count: 1}, {Byte: 250, Name: "AUX", Count: 1}, {Byte: 251, Name: "RESIZEDB", Count: 1}, {Byte: 252, Name: "EXPIRETIME_MS", Count: 9},
			{Byte: 254, Name: "SELECTDB", Count: 2}, {Byte: 255, Name: "EOF", Count: 1},
		},
		Checksum: rdb.ChecksumOK, Complete: true,
	}
	for _, jobs := range []int{1, 2, 5} {
		got, err := summarize(t, b, jobs)
		if err != nil {
			t.Fatal(err)
		}
		if got.Trailer.End != int64(len(b)) {
			t.Errorf("%d jobs: end %d of %d", jobs, got.Trailer.End, len(b))
		}
		got.Trailer = rdb.Trailer{}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d jobs:\n got %+v\nwant %+v", jobs, got, want)
		}
	}
	if v, ok := want.AuxValue("redis-ver"); v != "8.0.6" || !ok {
		t.Errorf("redis-ver: %q, %t", v, ok)
	}
	if v, ok := want.AuxValue("ctime"); ok {
		t.Errorf("ctime: %q", v)
	}
}

func TestSummarizeChecksums(t *testing.T) {
	kv := record(0, "k", str("v"))
	good := file("REDIS0012", kv)
	bad := bytes.Clone(good)
	bad[len(bad)-1] ^= 1
	for _, c := range []struct {
		b        []byte
		want     rdb.ChecksumState
		complete bool
		err      error
	}{
		{good, rdb.ChecksumOK, true, nil},
		{unseal(good), rdb.ChecksumDisabled, true, nil},
		{file("REDIS0004", kv), rdb.ChecksumNone, true, nil},
		{bad, rdb.ChecksumBad, false, entry.ErrChecksum},
		{good[:len(good)-3], rdb.ChecksumUnknown, false, entry.ErrTruncated},
		{cat(good, "*1\r\n$4\r\nPING\r\n"), rdb.ChecksumOK, true, entry.ErrUnsupported},
		{file("REDIS0012", kv, []byte{200}), rdb.ChecksumUnknown, false, entry.ErrUnsupported},
	} {
		got, err := summarize(t, c.b, 1)
		if got.Checksum != c.want || got.Complete != c.complete || !errors.Is(err, c.err) || got.Keys != 1 {
			t.Errorf("% x: %s, complete %t, %d keys, %v", c.b, got.Checksum, got.Complete, got.Keys, err)
		}
	}
}

func TestFunctionLibrary(t *testing.T) {
	for source, want := range map[string]string{
		"#!lua name=lib1\nredis.register_function()": "lib1 lua",
		"#!js  api_version=1.0 name=x":               "x js",
		"#!lua\n":                                    " lua",
		"return 1":                                   " ",
		"":                                           " ",
		"#!":                                         " ",
	} {
		name, engine := rdb.FunctionLibrary([]byte(source))
		if got := fmt.Sprintf("%s %s", name, engine); got != want {
			t.Errorf("%q: %q, want %q", source, got, want)
		}
	}
}
