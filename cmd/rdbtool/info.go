package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/rdb"
)

// infoOptions are the flags of info.
type infoOptions struct {
	format, now string
	jobs        int
	quiet       bool
	quick       bool
	output      outputFlags
}

var infoFormats = []string{"table", "json"}

func (p *program) infoCommand() *cli.Command {
	var o infoOptions
	flags := []cli.Flag{
		&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Usage: "write a `table|json`", Value: "table", Destination: &o.format},
		&cli.StringFlag{Name: "now", Usage: "`TIME` that expiries are held against (default: the clock)", Destination: &o.now},
		&cli.BoolFlag{Name: "quick", Usage: "do not replay an append-only file to find out what a rewrite would save", Destination: &o.quick},
		jobsFlag(&o.jobs),
		quietFlag(&o.quiet),
	}
	return command(cli.Command{
		Name:      "info",
		Usage:     "show on one screen what a file holds",
		ArgsUsage: "FILE...",
		Description: "Shows version, producer, checksum, and how many keys of which types, encodings, databases and expiries\n" +
			"there are. It verifies the checksum but does not look into values. Of an append-only file it shows its files,\n" +
			"commands and transactions, commands that took away much at once, and what a rewrite would save.",
		Flags: append(flags, o.output.flags()...),
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return &usageError{"info takes at least one FILE; \"rdbtool info --help\" tells more"}
			}
			return p.info(c.Context, c.Args().Slice(), &o)
		},
	})
}

func (p *program) info(ctx context.Context, names []string, o *infoOptions) error {
	if !slices.Contains(infoFormats, o.format) {
		return &usageError{fmt.Sprintf("--format: unknown format %q: one of %s", o.format, infoFormats)}
	}
	n, err := jobs(o.jobs)
	if err != nil {
		return err
	}
	now := time.Now()
	if o.now != "" {
		if now, err = parseTime(o.now); err != nil {
			return &usageError{"--now: " + err.Error()}
		}
	}
	if i := slices.Index(names, "-"); i >= 0 && slices.Contains(names[i+1:], "-") {
		return &usageError{"standard input can be read once only"}
	}
	out, err := p.create(&o.output, names...)
	if err != nil {
		return err
	}
	var first error
	for i, name := range names {
		err := p.infoOf(ctx, name, n, now, o, out, i > 0)
		if first == nil {
			first = err
		} else {
			p.report(err)
		}
		if e := (*outputError)(nil); ctx.Err() != nil || errors.As(err, &e) {
			return out.finish(err)
		}
	}
	return errors.Join(first, out.finish(nil))
}

// outputError is a failure to write, after which nothing more is written.
type outputError struct{ error }

func (e *outputError) Unwrap() error { return e.error }

// infoOf shows one file. A damaged one is shown as far as it can be read.
func (p *program) infoOf(ctx context.Context, name string, jobs int, now time.Time, o *infoOptions, out io.Writer, again bool) error {
	progress := p.progress(ctx, o.quiet)
	defer progress.end()
	in, err := p.open(name, progress)
	if err != nil {
		return err
	}
	defer in.close()
	if in.isLog() {
		return p.infoOfLog(ctx, in, name, jobs, o, progress, out, again)
	}
	s, err := rdb.Summarize(ctx, in, in.options(), jobs, now)
	progress.end()
	if s.Version == (rdb.Version{}) || ctx.Err() != nil { // there is nothing to show
		return err
	}
	r := newInfo(in, s, now)
	if err != nil {
		r.Error = err.Error()
	}
	if e := o.show(out, r, again); e != nil {
		return e
	}
	return err
}

// show writes what is to be shown of a file in the format asked for; again says
// that another file came before.
func (o *infoOptions) show(out io.Writer, r interface{ render(io.Writer) error }, again bool) (err error) {
	if o.format == "json" {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		if again {
			io.WriteString(out, "\n")
		}
		err = r.render(out)
	}
	if err != nil {
		return &outputError{err}
	}
	return nil
}

// info is what the command shows of one file; its JSON form is documented in
// docs/cli.md.
type info struct {
	File     string            `json:"file"`
	Kind     kind              `json:"kind"`
	Magic    string            `json:"magic"`
	Version  int               `json:"version"`
	Size     int64             `json:"size,omitempty"` // on disk
	Packed   string            `json:"packed,omitempty"`
	Length   int64             `json:"length,omitempty"` // unpacked, up to the end of the footer
	Checksum rdb.ChecksumState `json:"checksum"`
	Complete bool              `json:"complete"`
	Error    string            `json:"error,omitempty"`

	Server        string `json:"server,omitempty"`
	ServerVersion string `json:"server_version,omitempty"`
	Bits          string `json:"bits,omitempty"`
	CreatedUnix   int64  `json:"created_unix,omitempty"`
	UsedMemory    int64  `json:"used_memory,omitempty"`
	ReplID        string `json:"replication_id,omitempty"`
	ReplOffset    string `json:"replication_offset,omitempty"`
	AOFBase       bool   `json:"aof_base,omitempty"`

	Keys      int64          `json:"keys"`
	Expires   int64          `json:"expires"`
	DBs       []infoDB       `json:"databases"`
	Types     []infoType     `json:"types"`
	Expiry    infoExpiry     `json:"expiry"`
	WithLRU   int64          `json:"keys_with_idle_time,omitempty"`
	WithLFU   int64          `json:"keys_with_frequency,omitempty"`
	Functions []infoFunction `json:"functions,omitempty"`
	Modules   []infoModule   `json:"modules,omitempty"`
	Slots     int            `json:"slots,omitempty"`
	Opcodes   []infoOpcode   `json:"opcodes"`
	Aux       []infoAux      `json:"aux,omitempty"`

	now time.Time
}

type infoDB struct {
	DB      int   `json:"db"`
	Keys    int64 `json:"keys"`
	Expires int64 `json:"expires"`
	Bytes   int64 `json:"bytes"`
}

type infoType struct {
	Type     string `json:"type"`
	Encoding string `json:"encoding"`
	Keys     int64  `json:"keys"`
	Bytes    int64  `json:"bytes"`
}

type infoExpiry struct {
	None  int64 `json:"none"`
	Past  int64 `json:"past"`
	Hour  int64 `json:"within_hour"`
	Day   int64 `json:"within_day"`
	Week  int64 `json:"within_week"`
	Later int64 `json:"later"`
}

type infoFunction struct {
	Name   string `json:"name"`
	Engine string `json:"engine,omitempty"`
	Bytes  int    `json:"bytes"`
}

type infoModule struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	Keys    int64  `json:"keys"`
	Aux     int64  `json:"aux_records,omitempty"`
	Bytes   int64  `json:"bytes"`
}

type infoOpcode struct {
	Opcode int    `json:"opcode"`
	Name   string `json:"name"`
	Count  int64  `json:"count"`
}

type infoAux struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func newInfo(in *input, s *rdb.Summary, now time.Time) *info {
	r := &info{
		File: in.name, Kind: kindRDB, Magic: s.Version.Family.String(), Version: s.Version.Number, Size: max(in.size, 0),
		Length: s.Trailer.End, Checksum: s.Checksum, Complete: s.Complete,
		Keys: s.Keys, Expires: s.Expires, Expiry: infoExpiry(s.Expiry), WithLRU: s.WithLRU, WithLFU: s.WithLFU, Slots: s.Slots, now: now,
		DBs: []infoDB{}, Types: []infoType{}, Opcodes: []infoOpcode{},
	}
	if in.format != compress.None {
		r.Packed = in.format.String()
	}
	for _, db := range s.DBs {
		r.DBs = append(r.DBs, infoDB(db))
	}
	for _, t := range s.Types {
		r.Types = append(r.Types, infoType{t.Type.String(), t.Encoding.String(), t.Keys, t.Bytes})
	}
	for _, f := range s.Functions {
		r.Functions = append(r.Functions, infoFunction(f))
	}
	for _, m := range s.Modules {
		r.Modules = append(r.Modules, infoModule{m.ID.Name(), m.ID.Version(), m.Keys, m.Aux, m.Bytes})
	}
	for _, o := range s.Opcodes {
		r.Opcodes = append(r.Opcodes, infoOpcode{int(o.Byte), o.Name, o.Count})
	}
	for _, a := range s.Aux {
		r.Aux = append(r.Aux, infoAux(a))
	}
	r.producer(s)
	return r
}

// producer reads the aux fields that say who wrote the file, and when.
func (r *info) producer(s *rdb.Summary) {
	for _, server := range []struct{ field, name string }{{"valkey-ver", "valkey"}, {"redis-ver", "redis"}, {"df-ver", "dragonfly"}} {
		if v, ok := s.AuxValue(server.field); ok {
			r.Server, r.ServerVersion = server.name, v
			break
		}
	}
	r.Bits, _ = s.AuxValue("redis-bits")
	r.ReplID, _ = s.AuxValue("repl-id")
	r.ReplOffset, _ = s.AuxValue("repl-offset")
	r.CreatedUnix = auxNumber(s, "ctime")
	r.UsedMemory = auxNumber(s, "used-mem")
	r.AOFBase = auxNumber(s, "aof-base") != 0 || auxNumber(s, "aof-preamble") != 0
}
