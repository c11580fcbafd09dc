package salvage

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"maps"

	"github.com/rdbtool/rdbtool/internal/crc64"
	"github.com/rdbtool/rdbtool/rdb"
)

// Options say how a file is salvaged. The zero value, or nil, is fine.
type Options struct {
	// Name of the file, for reports.
	Name string
	// Partial keeps the readable front of a collection whose value is damaged.
	Partial bool
	// TempDir is where those fronts go, and what else does not fit into memory, "" for
	// the system's place.
	TempDir string
	// Watch, if set, is told now and then how far the file has been searched.
	Watch func(off int64)
}

// Salvaged is what could be found in a damaged RDB file, or in the RDB part of
// an append-only file. It reads the file when it is asked for its parts, and must
// be closed.
type Salvaged struct {
	Report

	src      io.ReaderAt // with repairs
	original io.ReaderAt
	size     int64
	plan     plan
	counts   map[int]*dbCount // of what is kept, once it is known
	fronts   fronts
	tempDir  string
}

// File searches the first size bytes of src, a damaged RDB file, for records
// that are whole. Damage is no error, however much of it there is, unless the
// file has no header that tells how to read it: that is an *entry.CorruptError
// or an *entry.UnsupportedError.
func File(ctx context.Context, src io.ReaderAt, size int64, o *Options) (*Salvaged, error) {
	if o == nil {
		o = &Options{}
	}
	s := &salvage{o: o, src: src, original: src, size: size, certain: map[int64]bool{}, unsound: map[int64]string{}}
	if err := s.header(); err != nil {
		return nil, err
	}
	if err := s.trust(ctx); err != nil {
		return nil, err
	}
	if !s.trusted {
		if err := s.look(ctx); err != nil {
			return nil, err
		}
	}
	if err := s.checksum(ctx); err != nil {
		return nil, err
	}
	if err := s.reveal(ctx); err != nil {
		return nil, err
	}
	return s.finish(ctx)
}

// look scans the file for damage, and if there is some early once more, with what keys
// of the file look like known from the start.
func (s *salvage) look(ctx context.Context) error {
	if err := s.scan(ctx); err != nil || s.sc.gaps == 0 || s.sc.learnt >= manyLearnt {
		return err
	}
	first := s.sc
	s.learnt = first.ev
	s.learnt.prepare()
	s.learnt.fixed = true
	if err := s.scan(ctx); err != nil {
		return err
	}
	if s.sc.keys()+int64(first.gaps) < first.keys() { // than what is left of values explains
		s.sc, s.learnt = first, nil
	}
	return nil
}

// manyLearnt is how many keys show what keys of a file look like.
const manyLearnt = 1 << 12

// salvage is one run of File.
type salvage struct {
	o        *Options
	src      io.ReaderAt // with repairs
	original io.ReaderAt
	size     int64
	version  rdb.Version
	sc       *scan
	trusted  bool           // the file is whole, and nothing in it in doubt
	learnt   *evidence      // by a scan before, nil if there was none
	picky    bool           // more keys were found than there should be
	banned   map[int64]bool // records that are none, by their places
	certain  map[int64]bool // where databases begin, whatever stands before
	innocent map[int64]bool // that were banned for nothing, or made certain
	// unsound says why records that read well are none.
	unsound map[int64]string
	// unordered says that databases do not stand in the order of their numbers.
	unordered bool
	tries     int   // changed bytes tried to explain gaps
	scanned   int64 // bytes, in all scans
	sums      int   // checksums computed to find the end mark

	checked  rdb.ChecksumState
	repaired []Repair
	doubts   []string
	level    Confidence
}

// trust reads the file as if nothing were in doubt. Where that goes up to the end mark,
// and the checksum holds or, if there is none, the databases have as many keys as they
// announce, it is the result.
func (s *salvage) trust(ctx context.Context) error {
	s.trusted = true
	err := s.scanOnce(ctx, false)
	s.trusted, s.unordered = false, s.sc.unordered
	if err == errBroken || err == nil && s.sc.plan.damaged() {
		return nil
	}
	if err != nil {
		return err
	}
	if s.footer() > 0 {
		stored, computed, err := s.sum(ctx, s.sc.plan.end)
		if err != nil {
			return err
		}
		if stored != 0 {
			s.trusted = stored == computed
			return nil
		}
	}
	all := s.census()
	if len(s.sc.announced) == 0 || some(all, func(c *census) bool {
		return !c.told && c.keys > 0 || c.told && (c.keys != int64(c.due.Keys) || c.expires != int64(c.due.Expires))
	}) {
		return nil
	}
	_, holds, err := s.eachLoose(ctx, s.holdsDatabase(ctx, all))
	s.trusted = !holds
	return err
}

func (s *salvage) doubt(c Confidence, why string) {
	s.doubts = append(s.doubts, why)
	s.level = min(s.level, c)
}

// scan reads the file from the front, and once more where the number of a database
// turns out to have been none.
func (s *salvage) scan(ctx context.Context) error {
	for n := 0; ; n++ {
		err := s.scanOnce(ctx, n < maxDoubts)
		if err != errDoubted {
			return err
		}
		s.ban(s.sc.doubted)
	}
}

// ban has the record at a place be none from now on.
func (s *salvage) ban(at int64) {
	if s.banned == nil {
		s.banned = map[int64]bool{}
	}
	s.banned[at] = true
}

func (s *salvage) scanOnce(ctx context.Context, doubting bool) error {
	p := rdb.NewProber(s.src, s.size, s.version, &rdb.Options{Name: s.o.Name, Fragments: true})
	s.sc = newScan(p)
	s.sc.isEnd, s.sc.behind, s.sc.picky, s.sc.doubting = s.isEnd, s.o.Watch, s.picky, doubting
	s.sc.trusting, s.sc.whole = s.trusted, s.trusted && s.checked == ""
	maps.Copy(s.sc.banned, s.banned)
	s.sc.certain, s.sc.unordered = s.certain, s.unordered
	if s.learnt != nil {
		s.sc.ev = s.learnt
		s.sc.ev.unsized = false
	}
	s.scanned += s.size
	return s.sc.run(ctx)
}

// maxDoubts is how often the file is scanned again for that.
const maxDoubts = 8

// isEnd reports whether the end mark before end is that of the file: the
// checksum and nothing else follows, or commands do, or the checksum holds.
func (s *salvage) isEnd(end int64) bool {
	behind := end + s.footer()
	if behind >= s.size {
		return behind == s.size
	}
	if s.commandsAt(behind) {
		return true
	}
	if s.footer() == 0 || s.sums == maxEndSums {
		return false
	}
	s.sums++
	stored, computed, err := s.sum(context.Background(), end)
	return err == nil && stored != 0 && stored == computed
}

// commandsAt reports whether commands of an append-only file begin at off.
func (s *salvage) commandsAt(off int64) bool {
	var b [64]byte
	n, _ := s.src.ReadAt(b[:], off)
	return beginsCommands(b[:n])
}

// maxEndSums is how often the checksum is computed for an end mark in the
// middle of a file.
const maxEndSums = 4

// beginsCommands reports whether b is the beginning of commands of an
// append-only file.
func beginsCommands(b []byte) bool {
	if len(b) >= 4 && string(b[:4]) == "#TS:" {
		return true
	}
	i := 1
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return len(b) > 0 && b[0] == '*' && i > 1 && i+2 < len(b) && string(b[i:i+3]) == "\r\n$"
}

// footer is the length of the checksum.
func (s *salvage) footer() int64 {
	if s.version.HasChecksum() {
		return footerLen
	}
	return 0
}

// sum returns the checksum that stands at end, and that of the bytes before it.
func (s *salvage) sum(ctx context.Context, end int64) (stored, computed uint64, err error) {
	var foot [footerLen]byte
	if n, err := s.src.ReadAt(foot[:], end); n < len(foot) {
		return 0, 0, err
	}
	if foot == ([footerLen]byte{}) {
		return 0, 0, nil // it has been disabled
	}
	buf := make([]byte, 256<<10)
	for at := int64(0); at < end; {
		n := int(min(int64(len(buf)), end-at))
		if k, err := s.src.ReadAt(buf[:n], at); k < n {
			return 0, 0, err
		}
		computed = crc64.Update(computed, buf[:n])
		at += int64(n)
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
	}
	return binary.LittleEndian.Uint64(foot[:]), computed, nil
}

// checksum holds the file against its checksum. Where the two differ by a
// change of very few bytes in one place, and the file is whole without it, the
// change is taken back: the checksum proves the result.
func (s *salvage) checksum(ctx context.Context) error {
	sc := s.sc
	if !sc.complete || s.footer() == 0 {
		return nil
	}
	stored, computed, err := s.sum(ctx, sc.plan.end)
	switch {
	case err != nil:
		return err
	case stored == 0:
		s.checked = rdb.ChecksumDisabled
		return nil
	case stored == computed:
		s.checked = rdb.ChecksumOK
		if s.sc.plan.damaged() && !s.trusted { // the bytes are those that were written
			s.trusted = true
			return s.scan(ctx)
		}
		return nil
	}
	s.checked = rdb.ChecksumBad
	odds := oddsUnseen
	if sc.plan.damaged() {
		odds = oddsSeen
	}
	at, change, ok := crc64.Locate(stored^computed, sc.plan.end, locatable(sc.plan.end, odds))
	if !ok || sc.plan.damaged() && !sc.plan.near(at) {
		return nil
	}
	was := make([]byte, len(change))
	if n, err := s.src.ReadAt(was, at); n < len(was) {
		return err
	}
	is := make([]byte, len(was))
	for i := range was {
		is[i] = was[i] ^ change[i]
	}
	old, oldScan := s.src, sc
	s.src = &patched{s.src, at, is}
	if err := s.scan(ctx); err != nil {
		return err
	}
	if !s.sc.complete || s.sc.plan.damaged() || s.sc.plan.end != oldScan.plan.end {
		s.src, s.sc = old, oldScan
		return nil
	}
	s.repaired = append(s.repaired, Repair{Offset: at, Was: string(was), Is: string(is)})
	s.checked = rdb.ChecksumOK
	return nil
}

// The odds that a change somewhere else looks like one that the checksum tells
// the place of: one in two to the power of this. Where the records show damage at
// that place too, more can be risked.
const (
	oddsUnseen = 24
	oddsSeen   = 14
)

// locatable is how many neighbouring bytes a change may have that the checksum
// tells the place of, in a file of n bytes.
func locatable(n int64, odds int) (span int) {
	for span = 4; span > 1 && n >= 1<<(64-8*span-odds); span-- {
	}
	return span
}

// near reports whether the byte at off is in a damaged piece, or in the last
// record before one.
func (p *plan) near(off int64) bool {
	for i := range p.pieces {
		pc := &p.pieces[i]
		from := pc.from
		if i > 0 && p.pieces[i-1].kind == kept {
			from = p.pieces[i-1].last
		}
		if (pc.kind == gap || pc.kind == lost) && off >= from && off < pc.to {
			return true
		}
	}
	return false
}

// damaged reports whether any part is not kept.
func (p *plan) damaged() bool {
	for i := range p.pieces {
		if k := p.pieces[i].kind; k == gap || k == lost {
			return true
		}
	}
	return false
}

// patched is a file with some of its bytes replaced.
type patched struct {
	io.ReaderAt
	at int64
	is []byte
}

func (p *patched) ReadAt(b []byte, off int64) (int, error) {
	n, err := p.ReaderAt.ReadAt(b, off)
	for i, c := range p.is {
		if at := p.at + int64(i) - off; at >= 0 && at < int64(n) {
			b[at] = c
		}
	}
	return n, err
}

// Close gives back what is held.
func (s *Salvaged) Close() { s.fronts.close() }

var errNoChange = errors.New("the file changes while it is read")
