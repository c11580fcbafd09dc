package keyspace

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
)

// streamExecutor returns an executor whose clock stands at *now.
func streamExecutor(now *int64) *Executor {
	return New(Options{Now: func() int64 { return *now }}).NewExecutor()
}

// runStream executes commands, one a line.
func runStream(t *testing.T, x *Executor, commands string) {
	t.Helper()
	for line := range strings.Lines(commands) {
		if args := strings.Fields(line); len(args) > 0 {
			if err := x.Do(streamWords(args)); err != nil {
				t.Fatalf("%s: %v", strings.TrimSpace(line), err)
			}
		}
	}
}

// wantStream compares a stream with lines of streamState.
func wantStream(t *testing.T, x *Executor, key, want string) {
	t.Helper()
	s, err := x.stream([]byte(key))
	if err != nil || s == nil {
		t.Fatalf("no stream %s: %v", key, err)
	}
	checkStream(t, s)
	checkReload(t, s)
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if got := streamState(s); !slices.Equal(got, lines) {
		t.Errorf("%s is\n%s\nwant\n%s", key, strings.Join(got, "\n"), strings.Join(lines, "\n"))
	}
}

func TestStreamCommands(t *testing.T) {
	for _, c := range []struct{ name, commands, want string }{
		{"ids of the clock", `
			XADD s * f 1
			XADD s * f 2
			XADD s 1000-* f 3
			XADD s 2000-* f 4
			XADD s * f 5
			XADD s NOMKSTREAM 2001 f 6
			XADD none NOMKSTREAM * f 6`, `
			entry 1000-0 ["f" "1"]
			entry 1000-1 ["f" "2"]
			entry 1000-2 ["f" "3"]
			entry 2000-0 ["f" "4"]
			entry 2000-1 ["f" "5"]
			entry 2001-0 ["f" "6"]
			info 6 last 2001-0 first 1000-0 deleted 0-0 added 6 groups 0`},
		{"exact trimming with a limit, as logs have it", `
			XADD s 1-1 f 1
			XADD s 2-1 f 2
			XADD s 3-1 f 3
			XADD s MAXLEN = 2 LIMIT 1 4-1 f 4
			XTRIM s MINID = 4 LIMIT 0`, `
			entry 4-1 ["f" "4"]
			info 1 last 4-1 first 4-1 deleted 0-0 added 4 groups 0`},
		{"a stream that a rewrite leaves empty", `
			XADD s MAXLEN 0 0-1 x y
			XSETID s 0-0
			XGROUP CREATE s g 0-0 ENTRIESREAD -1`, `
			info 0 last 0-0 first 0-0 deleted 0-0 added 1 groups 1
			group "g" last 0-0 read -1 pending 0 consumers 0`},
		{"what a group reads, as logs say it", `
			XADD s 1-1 f 1
			XADD s 2-1 f 2
			XGROUP CREATE s g 0
			XCLAIM s g bob 0 1-1 TIME 77 RETRYCOUNT 1 FORCE JUSTID LASTID 1-1
			XCLAIM s g bob 0 2-1 TIME 99999 RETRYCOUNT 3 FORCE JUSTID LASTID 2-1
			XGROUP SETID s g 2-1 ENTRIESREAD 2
			XGROUP CREATECONSUMER s g al`, `
			entry 1-1 ["f" "1"]
			entry 2-1 ["f" "2"]
			info 2 last 2-1 first 1-1 deleted 0-0 added 2 groups 1
			group "g" last 2-1 read 2 pending 2 consumers 2
			pending 1-1 of "bob" at 77, 1 times, nacked false
			pending 2-1 of "bob" at 99999, 3 times, nacked false
			consumer "al" pending 0 seen 1000 active -1
			consumer "bob" pending 2 seen 99999 active 99999`},
		{"a claim of what is gone", `
			XADD s 1-1 f 1
			XADD s 2-1 f 2
			XGROUP CREATE s g 0
			XREADGROUP GROUP g bob STREAMS s >
			XDEL s 1-1
			XCLAIM s g bob 0 1-1 TIME 77 RETRYCOUNT 1 FORCE JUSTID LASTID 2-1`, `
			entry 2-1 ["f" "2"]
			info 1 last 2-1 first 2-1 deleted 1-1 added 2 groups 1
			group "g" last 2-1 read 2 pending 1 consumers 1
			pending 2-1 of "bob" at 1000, 1 times, nacked false
			consumer "bob" pending 1 seen 1000 active 1000`},
		{"entries given back", `
			XADD s 1-1 f 1
			XADD s 2-1 f 2
			XADD s 3-1 f 3
			XADD s 4-1 f 4
			XGROUP CREATE s g 0
			XREADGROUP GROUP g bob COUNT 3 STREAMS s >
			XNACK s g SILENT IDS 1 1-1
			XNACK s g FATAL IDS 2 2-1 4-1
			XNACK s g FAIL IDS 2 4-1 9-1 FORCE RETRYCOUNT 7`, `
			entry 1-1 ["f" "1"]
			entry 2-1 ["f" "2"]
			entry 3-1 ["f" "3"]
			entry 4-1 ["f" "4"]
			info 4 last 4-1 first 1-1 deleted 0-0 added 4 groups 1
			group "g" last 3-1 read 3 pending 4 consumers 1
			pending 1-1 of "" at 0, 0 times, nacked true
			pending 2-1 of "" at 0, 9223372036854775807 times, nacked true
			pending 3-1 of "bob" at 1000, 1 times, nacked false
			pending 4-1 of "" at 0, 7 times, nacked true
			consumer "bob" pending 1 seen 1000 active 1000`},
		{"what has waited longest is claimed first", `
			XADD s 1-1 f 1
			XADD s 2-1 f 2
			XADD s 3-1 f 3
			XADD s 4-1 f 4
			XGROUP CREATE s g 0
			XCLAIM s g al 0 1-1 2-1 TIME 500 RETRYCOUNT 1 FORCE JUSTID LASTID 3-1
			XCLAIM s g al 0 3-1 TIME 400 RETRYCOUNT 1 FORCE JUSTID
			XREADGROUP GROUP g bob COUNT 2 CLAIM 500 STREAMS s >
			XREADGROUP GROUP g bob COUNT 2 CLAIM 500 STREAMS s >`, `
			entry 1-1 ["f" "1"]
			entry 2-1 ["f" "2"]
			entry 3-1 ["f" "3"]
			entry 4-1 ["f" "4"]
			info 4 last 4-1 first 1-1 deleted 0-0 added 4 groups 1
			group "g" last 4-1 read 4 pending 4 consumers 2
			pending 1-1 of "bob" at 1000, 2 times, nacked false
			pending 2-1 of "bob" at 1000, 2 times, nacked false
			pending 3-1 of "bob" at 1000, 2 times, nacked false
			pending 4-1 of "bob" at 1000, 1 times, nacked false
			consumer "al" pending 0 seen 500 active 500
			consumer "bob" pending 4 seen 1000 active 1000`},
		{"claims by idle time, and history", `
			XADD s 1-1 f 1
			XADD s 2-1 f 2
			XADD s 3-1 f 3
			XGROUP CREATE s g 0
			XCLAIM s g al 0 1-1 TIME 600 RETRYCOUNT 4 FORCE JUSTID LASTID 3-1
			XCLAIM s g al 0 2-1 TIME 500 RETRYCOUNT 4 FORCE JUSTID
			XNACK s g FAIL IDS 1 3-1 FORCE
			XCLAIM s g bob 500 1-1 2-1 3-1
			XREADGROUP GROUP g al COUNT 9 STREAMS s 0
			XREADGROUP GROUP g bob COUNT 1 STREAMS s 2-0
			XAUTOCLAIM s g cy 300 (1-1 COUNT 1`, `
			entry 1-1 ["f" "1"]
			entry 2-1 ["f" "2"]
			entry 3-1 ["f" "3"]
			info 3 last 3-1 first 1-1 deleted 0-0 added 3 groups 1
			group "g" last 3-1 read -1 pending 3 consumers 3
			pending 1-1 of "al" at 1000, 5 times, nacked false
			pending 2-1 of "bob" at 1000, 6 times, nacked false
			pending 3-1 of "bob" at 1000, 1 times, nacked false
			consumer "al" pending 1 seen 1000 active 600
			consumer "bob" pending 2 seen 1000 active 1000
			consumer "cy" pending 0 seen 1000 active -1`},
		{"messages that are known", `
			XADD s IDMP p i 1-1 f 1
			XADD s IDMP p i * f 2
			XADD s IDMP p i 2-1 f 3
			XADD s MAXLEN 0 IDMPAUTO q 3-1 f v
			XADD s IDMPAUTO q * f v
			XADD s IDMP p j 4-1 f 4
			XIDMPRECORD s p k 4-1
			XIDMPRECORD s p k 4-1`, `
			entry 4-1 ["f" "4"]
			info 1 last 4-1 first 4-1 deleted 0-0 added 3 groups 0
			producer "p"
			iid "i" 1-1
			iid "j" 4-1
			iid "k" 4-1
			producer "q"
			iid "n\x95r\x9e\xe7'\xf0\x81J\xed\xff\xbaUs\x00y" 3-1
			idmp {DurationSeconds:100 MaxSize:100 Producers:2 Added:4 Duplicates:3}`},
		{"settings that forget", `
			XADD s 1-1 f 1
			XCFGSET s IDMP-MAXSIZE 2
			XADD s IDMP p 1 2-1 f 2
			XADD s IDMP p 2 3-1 f 3
			XADD s IDMP p 3 4-1 f 4
			XADD s IDMP p 1 5-1 f 5
			XCFGSET s IDMP-MAXSIZE 2 IDMP-DURATION 100
			COPY s t
			XCFGSET s IDMP-DURATION 7`, `
			entry 1-1 ["f" "1"]
			entry 2-1 ["f" "2"]
			entry 3-1 ["f" "3"]
			entry 4-1 ["f" "4"]
			entry 5-1 ["f" "5"]
			info 5 last 5-1 first 1-1 deleted 0-0 added 5 groups 0
			idmp {DurationSeconds:7 MaxSize:2 Producers:0 Added:4 Duplicates:0}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := int64(1000)
			x := streamExecutor(&now)
			runStream(t, x, c.commands)
			wantStream(t, x, "s", c.want)
		})
	}
}

func TestStreamErrors(t *testing.T) {
	const prepare = `
		SET string x
		XADD s 5-1 f v
		XADD s 6-1 f v
		XADD last 18446744073709551615-18446744073709551615 f v
		XGROUP CREATE s g 0
		XCLAIM s g c 0 5-1 TIME 7 RETRYCOUNT 1 FORCE JUSTID LASTID 5-1
		XADD s IDMP p i 7-1 f v`
	for command, want := range map[string]ReplyError{
		"XADD string * f v":                          errWrongType,
		"XADD s * f v f":                             errXAddArity,
		"XADD s 7-1 f v":                             errXAddSmall,
		"XADD s 6-* f v":                             errXAddSmall,
		"XADD new 0-0 f v":                           errXAddZero,
		"XADD last * f v":                            errXAddFull,
		"XADD new FOO 1-1 f v":                       errStreamID,
		"XADD new KEEPREF ACKED 1-1 f v":             errStreamID,
		"XADD new MAXLEN -1 * f v":                   errMaxLen,
		"XADD new MAXLEN x * f v":                    errNotInteger,
		"XADD new MAXLEN 1 MINID 1 * f v":            errTwoTrims,
		"XADD new LIMIT 1 * f v":                     errLimitAlone,
		"XADD new MAXLEN ~ 1 LIMIT -1 * f v":         errTrimLimit,
		"XADD s IDMP p new * f v":                    errXAddNoIID,
		"XADD s IDMP p i IDMPAUTO p * f v":           errTwoIDMP,
		"XTRIM s MAXLEN 1 FOO":                       errSyntax,
		"XTRIM s LIMIT 0":                            errNoTrim,
		"XTRIM string MAXLEN 1":                      errWrongType,
		"XDEL s 5-1 x":                               errStreamID,
		"XDELEX s IDS 2 5-1":                         errIDsCount,
		"XDELEX s IDS 0 5-1":                         errNumIDs,
		"XDELEX s KEEPREF DELREF IDS 1 5-1":          errSyntax,
		"XACKDEL s g IDS 1 5-1 FOO":                  errSyntax,
		"XSETID s 6-9":                               errSetIDTop,
		"XSETID s 9-1 ENTRIESADDED 2":                errSetIDAdded,
		"XSETID s 9-1 ENTRIESADDED -1":               errEntriesAdded,
		"XSETID s 9-1 MAXDELETEDID 9-2":              errSetIDGiven,
		"XSETID new 9-1":                             errNoKey,
		"XGROUP CREATE s g 0":                        errBusyGroup,
		"XGROUP CREATE new g 0":                      errXGroupKey,
		"XGROUP CREATE new g x MKSTREAM":             errStreamID,
		"XGROUP CREATE s h 0 ENTRIESREAD -2":         errEntriesRead,
		"XGROUP SETID s h 0":                         "NOGROUP No such consumer group 'h' for key name 's'",
		"XGROUP setid s g 0 MKSTREAM":                "ERR unknown subcommand or wrong number of arguments for 'setid'. Try XGROUP HELP.",
		"XACK s g 5-1 x":                             errStreamID,
		"XCLAIM s h c 0 5-1":                         "NOGROUP No such key 's' or consumer group 'h'",
		"XCLAIM s g c x 5-1":                         errMinIdle,
		"XCLAIM s g d 0 5-1 foo":                     "ERR Unrecognized XCLAIM option 'foo'",
		"XCLAIM s g d 0 5-1 TIME x":                  errClaimTime,
		"XAUTOCLAIM s g d 0 0 COUNT 0":               errAutoCount,
		"XAUTOCLAIM s g d x 0":                       errAutoMinIdle,
		"XREADGROUP GROUP g d STREAMS s $":           errReadDollar,
		"XREADGROUP GROUP g d STREAMS s new > >":     "NOGROUP No such key 'new' or consumer group 'g' in XREADGROUP with GROUP option",
		"XREADGROUP GROUP g d COUNT 1 STREAMS s":     errReadStreams,
		"XREADGROUP NOACK COUNT 1 NOACK STREAMS s >": errReadGroup,
		"XNACK s g FOO IDS 1 5-1":                    errSyntax,
		"XCFGSET s IDMP-DURATION 0":                  errIDMPDuration,
		"XCFGSET s IDMP-MAXSIZE 10001":               errIDMPMaxSize,
		"XCFGSET s":                                  errNoParameter,
		"XCFGSET new IDMP-MAXSIZE 1":                 errNoKey,
		"XIDMPRECORD s p j 9-9":                      errNoMessage,
		"XIDMPRECORD s p i 6-1":                      errOtherIID,
	} {
		now := int64(1000)
		x := streamExecutor(&now)
		runStream(t, x, prepare)
		s, _ := x.stream([]byte("s"))
		before := streamState(s)
		err := x.Do(streamWords(strings.Fields(command)))
		var reply ReplyError
		if !errors.As(err, &reply) || reply != want {
			t.Errorf("%s: %v, want %v", command, err, want)
		}
		if s, _ := x.stream([]byte("new")); s != nil {
			t.Errorf("%s made a stream", command)
		}
		if after := streamState(s); !slices.Equal(after, before) {
			t.Errorf("%s changed the stream to\n%s", command, strings.Join(after, "\n"))
		}
	}
}

func TestParseStreamID(t *testing.T) {
	const most = 1<<64 - 1
	for text, want := range map[string]entry.StreamID{
		"0": {}, "1": {Ms: 1}, "1-2": {Ms: 1, Seq: 2}, "18446744073709551615-18446744073709551615": {Ms: most, Seq: most},
		"007-1": {Ms: 7, Seq: 1}, " 8-1": {Ms: 8, Seq: 1}, "8-+2": {Ms: 8, Seq: 2}, "+20-1": {Ms: 20, Seq: 1},
		"1--18446744073709551615": {Ms: 1, Seq: 1}, "9-1\x00zzz": {Ms: 9, Seq: 1},
		"00000000000000000000000000000000012-1": {Ms: 12, Seq: 1},
	} {
		if id, ok := parseStreamID([]byte(text)); !ok || id != want {
			t.Errorf("%q is %v (%v), want %v", text, id, ok, want)
		}
	}
	for _, text := range []string{
		"", "-", "+", "-1", "1-", "1-x", "x", "20-1 ", "1-2-3", "18446744073709551616", "1--5", "1-*", "\x00", strings.Repeat("0", 127) + "1",
	} {
		if id, ok := parseStreamID([]byte(text)); ok {
			t.Errorf("%q is %v", text, id)
		}
	}
}

// streamElems is a cursor of stream elements.
type streamElems struct {
	list []entry.StreamElem
	elem entry.Elem
}

func (e *streamElems) Next() bool {
	if len(e.list) == 0 {
		return false
	}
	e.elem.Stream, e.list = &e.list[0], e.list[1:]
	return true
}

func (e *streamElems) Elem() *entry.Elem { return &e.elem }
func (e *streamElems) Err() error        { return nil }

func loadStreamElems(list ...entry.StreamElem) (*stream, error) {
	s := newStream()
	return s, s.load(&entry.Entry{Type: entry.Stream, Value: &streamElems{list: list}})
}

func aStreamEntry(ms uint64) entry.StreamElem {
	return entry.StreamElem{Kind: entry.StreamEntry, ID: entry.StreamID{Ms: ms}, Fields: [][]byte{[]byte("f"), []byte("v")}}
}

func TestStreamLoadOld(t *testing.T) {
	group := func(name string, last uint64) entry.StreamElem {
		return entry.StreamElem{Kind: entry.StreamGroup, Group: entry.Group{Name: []byte(name), LastID: entry.StreamID{Ms: last}, EntriesRead: entry.Unknown}}
	}
	s, err := loadStreamElems(aStreamEntry(1), aStreamEntry(3), aStreamEntry(5),
		entry.StreamElem{Kind: entry.StreamInfo, Info: entry.Info{Version: 1, Length: 3, LastID: entry.StreamID{Ms: 9}}},
		group("z", 9), group("first", 1), group("none", 0), group("middle", 3),
		entry.StreamElem{Kind: entry.StreamConsumer, Consumer: entry.Consumer{Name: []byte("c"), SeenAt: 5, ActiveAt: entry.Unknown}},
	)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`entry 1-0 ["f" "v"]`, `entry 3-0 ["f" "v"]`, `entry 5-0 ["f" "v"]`,
		`info 3 last 9-0 first 1-0 deleted 0-0 added 3 groups 4`,
		`group "first" last 1-0 read 1 pending 0 consumers 0`,
		`group "middle" last 3-0 read -1 pending 0 consumers 1`,
		`consumer "c" pending 0 seen 5 active 5`,
		`group "none" last 0-0 read 0 pending 0 consumers 0`,
		`group "z" last 9-0 read 3 pending 0 consumers 0`,
	}
	if got := streamState(s); !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestStreamLoadRefuses(t *testing.T) {
	info := entry.StreamElem{Kind: entry.StreamInfo, Info: entry.Info{Version: 3, LastID: entry.StreamID{Ms: 9}, EntriesAdded: 5}}
	group := entry.StreamElem{Kind: entry.StreamGroup, Group: entry.Group{Name: []byte("g")}}
	pending := entry.StreamElem{Kind: entry.StreamPending, ID: entry.StreamID{Ms: 1}, Pending: entry.Pending{Consumer: []byte("c")}}
	consumer := entry.StreamElem{Kind: entry.StreamConsumer, Consumer: entry.Consumer{Name: []byte("c")}}
	odd, low, much := aStreamEntry(1), info, info
	odd.Fields = odd.Fields[:1]
	low.Info.LastID = entry.StreamID{}
	much.Info.EntriesAdded = 1 << 63
	for _, c := range []struct {
		list []entry.StreamElem
		want error
	}{
		{[]entry.StreamElem{aStreamEntry(2), aStreamEntry(1)}, errStreamOrder},
		{[]entry.StreamElem{aStreamEntry(2), aStreamEntry(2)}, errStreamOrder},
		{[]entry.StreamElem{odd}, errStreamFields},
		{[]entry.StreamElem{aStreamEntry(2), low}, errStreamOrder},
		{[]entry.StreamElem{aStreamEntry(2), much}, errStreamCounters},
		{[]entry.StreamElem{info, group, group}, errGroupTwice},
		{[]entry.StreamElem{info, group, pending, pending, consumer}, errPendingTwice},
		{[]entry.StreamElem{info, group, pending}, errPendingOwner},
		{[]entry.StreamElem{info, group, pending, group}, errPendingOwner},
		{[]entry.StreamElem{info, group, consumer, consumer}, errConsumerTwice},
		{[]entry.StreamElem{info, pending}, errPendingTwice},
		{[]entry.StreamElem{aStreamEntry(2), info, group, pending, consumer}, nil},
	} {
		if _, err := loadStreamElems(c.list...); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.list, err, c.want)
		}
	}
}

// Nodes that are emptied one by one leave their place, and at last give back
// the room.
func TestStreamManyNodes(t *testing.T) {
	s := newStream()
	const nodes = 1000
	var ids []entry.StreamID
	for i := range uint64(nodes * streamNodeEntries) {
		id := entry.StreamID{Ms: 1 + i}
		s.append(id, [][]byte{nil, nil})
		if i/streamNodeEntries%10 != 0 {
			ids = append(ids, id)
		}
	}
	for len(ids) > 0 {
		n := min(len(ids), 5000)
		s.deleteIDs(ids[len(ids)-n:], keepRefs, nil)
		ids = ids[:len(ids)-n]
	}
	checkStream(t, s)
	if s.length != nodes*streamNodeEntries/10 || len(s.nodes) > nodes/5 {
		t.Errorf("%d entries in %d nodes", s.length, len(s.nodes))
	}
	s.trim(&streamTrim{by: trimMaxLen, maxLen: 1, limit: 1 << 60})
	if checkStream(t, s); s.length != 1 || cap(s.nodes) > 10 {
		t.Errorf("%d entries, room for %d nodes", s.length, cap(s.nodes))
	}
}
