package convert

import (
	"context"
	"io"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/entry/filter"
	"github.com/rdbtool/rdbtool/rdb"
)

// Source is what is converted.
type Source struct {
	io.Reader
	RDB  rdb.Options // Name and Size
	JSON bool        // what Dump writes, and not an RDB file
	// Data, if set, is what is converted, and nothing is read. Options must then
	// name the target.
	Data Data
	// Origin is the server whose log Data is replayed from, if that is known. What
	// such a server does not keep is no loss.
	Origin rdb.Target
}

// Options say how a data set is converted.
type Options struct {
	// Target is what the result must be good for. The zero Target stands for
	// the server that the source comes from.
	Target rdb.Target
	// Filter chooses keys, nil takes all.
	Filter *filter.Filter
	// AllowLoss goes on where the target cannot hold something. Without it
	// that is a *LossError, and the result must be thrown away.
	AllowLoss bool
	// Sizes are the numbers of keys to write, by database, as Survey gives
	// them. They may be left out.
	Sizes map[int]rdb.Sizes
	// Base says that the RDB file is the base of an append-only file.
	Base bool
	// Restore writes each key as one RESTORE command; Replace lets it replace
	// a key that is there.
	Restore, Replace bool
	Jobs             int
	TempDir          string
}

// Survey reads the source to its end without a look into its values, except
// where the filter asks for sizes. It verifies the checksum and returns how
// many keys of each database the result of a conversion with the same options
// will have.
func Survey(ctx context.Context, src Source, o Options) (map[int]rdb.Sizes, error) {
	c := &conversion{opts: o}
	if err := c.settle(&src); err != nil {
		return nil, err
	}
	all := counts{}
	if src.Data != nil {
		return c.surveyData(src.Data)
	}
	if src.JSON {
		err := c.eachJSON(ctx, src, func() error { return nil }, func(e *entry.Entry) error {
			c.count(all, e)
			return nil
		})
		return all, err
	}
	ro := src.RDB
	ro.Fragments = true
	t, rest, err := rdb.Process(ctx, src, &ro, rdb.Processor[counts]{
		Jobs: o.Jobs,
		New:  func() counts { return counts{} },
		Work: func(b *rdb.Batch, found counts, _ func() error) error {
			for e, err := range b.Entries() {
				if err != nil {
					return err
				}
				c.count(found, e)
			}
			return nil
		},
		Emit: func(found counts) error {
			all.add(found)
			clear(found)
			return nil
		},
	})
	if err == nil {
		err = t.CheckRest(ro.Name, rest)
	}
	return all, err
}

// counts are numbers of keys by database.
type counts map[int]rdb.Sizes

func (n counts) add(more counts) {
	for db, m := range more {
		all := n[db]
		n[db] = rdb.Sizes{Keys: all.Keys + m.Keys, Expires: all.Expires + m.Expires}
	}
}

// count counts a key that will be in the result. What is wrong with its value
// is found when it is written.
func (c *conversion) count(n counts, e *entry.Entry) {
	if e.Meta != nil || !c.opts.Filter.Pass(e) || !c.opts.Target.Holds(e) {
		return
	}
	if e.Size < 0 && c.opts.Filter.NeedsSize() {
		for e.Value.Next() {
		}
		if !c.opts.Filter.PassSize(e.Size) {
			return
		}
	}
	size := n[e.DB]
	size.Keys++
	if e.ExpireAt != entry.NoExpire {
		size.Expires++
	}
	n[e.DB] = size
}

// ToRDB writes the data set as an RDB file.
func ToRDB(ctx context.Context, src Source, w io.Writer, o Options) (*Losses, error) {
	return convert(ctx, src, o, func(c *conversion) sink { return newRDBSink(c, w) })
}

// ToCommands writes the data set as commands, the form of an append-only file
// and of the protocol.
func ToCommands(ctx context.Context, src Source, w io.Writer, o Options) (*Losses, error) {
	return convert(ctx, src, o, func(c *conversion) sink { return &commandSink{c: c, w: w} })
}

// sink is the form of a result.
type sink interface {
	// encoder returns an encoder of records. Each chunk has its own.
	encoder(c *conversion, lose func(*entry.Entry, rdb.Loss)) encoder
	// records takes records of one database, in order; db is -1 for those
	// that belong to none.
	records(db int, b []byte) error
	close() error
}

// encoder turns entries into records.
type encoder interface {
	AppendEntry(dst []byte, e *entry.Entry) ([]byte, error)
	AppendMeta(dst []byte, e *entry.Entry) ([]byte, error)
	SetFlush(flush func(b []byte) ([]byte, error))
}

// conversion is one run.
type conversion struct {
	opts     Options
	source   rdb.Version // of the file, zero if unknown
	origin   rdb.Target  // of Source
	replayed bool        // Source.Data
	newOut   func(c *conversion) sink
	out      sink
	losses   *Losses
	kept     bool // the last key passed the filter
	lastDB   int  // of the records written last
	failed   bool // something was lost that may not be: nothing is written any more
}

// begin opens the output, when the header of the source is known.
func (c *conversion) begin(*entry.Entry) error {
	c.losses = newLosses(c.opts.Target, c.opts.TempDir)
	c.losses.origin, c.losses.replayed = c.origin, c.replayed
	c.out = c.newOut(c)
	return nil
}

// whole reports whether the result holds all that the source does, in its own
// format.
func (c *conversion) whole() bool {
	return c.opts.Target.Version == c.source && c.opts.Filter.All() && !c.opts.AllowLoss
}

func convert(ctx context.Context, src Source, o Options, newOut func(c *conversion) sink) (losses *Losses, err error) {
	c := &conversion{opts: o, newOut: newOut, origin: src.Origin, replayed: src.Data != nil}
	if err = c.settle(&src); err != nil {
		return nil, err
	}
	switch {
	case src.Data != nil:
		err = c.fromData(ctx, src.Data)
	case src.JSON:
		err = c.fromJSON(ctx, src)
	default:
		err = c.fromRDB(ctx, src)
	}
	if err != nil {
		return c.losses, err
	}
	if c.failed {
		return c.losses, &LossError{Source: src.RDB.Name, Target: c.opts.Target.Name, Summary: c.losses.Summary()}
	}
	return c.losses, c.out.close()
}

func (c *conversion) fromRDB(ctx context.Context, src Source) error {
	ro := src.RDB
	ro.Fragments, ro.Meta = true, true
	t, rest, err := rdb.Process(ctx, src, &ro, rdb.Processor[*piece]{
		Jobs: c.opts.Jobs, New: c.newPiece, Work: c.work, Emit: c.emit, Header: c.begin,
	})
	if err == nil {
		err = t.CheckRest(ro.Name, rest)
	}
	return err
}

// rdbSink writes an RDB file.
type rdbSink struct {
	w    *rdb.Writer
	opts rdb.EncoderOptions
}

// firstWithAux is the first version whose files begin with fields about their
// writer.
const firstWithAux = 7

func newRDBSink(c *conversion, w io.Writer) *rdbSink {
	s := &rdbSink{opts: rdb.EncoderOptions{Target: c.opts.Target, Whole: c.whole(), Base: c.opts.Base, TempDir: c.opts.TempDir}}
	about := c.source.Number < firstWithAux // JSON without a header has no version
	s.w = rdb.NewWriter(w, rdb.WriterOptions{EncoderOptions: s.opts, Sizes: c.opts.Sizes, About: about})
	return s
}

func (s *rdbSink) encoder(_ *conversion, lose func(*entry.Entry, rdb.Loss)) encoder {
	o := s.opts
	o.Lose = lose
	return rdb.NewEncoder(o)
}

func (s *rdbSink) records(db int, b []byte) error { return s.w.WriteRecords(db, b) }

func (s *rdbSink) close() error { return s.w.Close() }

// commandSink writes commands.
type commandSink struct {
	c     *conversion
	w     io.Writer
	db    int
	begun bool
}

func (s *commandSink) encoder(c *conversion, lose func(*entry.Entry, rdb.Loss)) encoder {
	return aof.NewEncoder(aof.EncoderOptions{
		Target: c.opts.Target, Restore: c.opts.Restore, Replace: c.opts.Replace, Lose: lose, TempDir: c.opts.TempDir,
	})
}

func (s *commandSink) records(db int, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if db >= 0 && (db != s.db || !s.begun) {
		s.db, s.begun = db, true
		if _, err := s.w.Write(aof.AppendSelect(nil, db)); err != nil {
			return err
		}
	}
	_, err := s.w.Write(b)
	return err
}

func (s *commandSink) close() error { return nil }
