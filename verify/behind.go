package verify

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify/salvage"
)

const (
	opSelectDB = 254
	opEOF      = 255
)

// behind verifies the records behind damage at which reading has stopped.
//
//	magic | records | damage | records | damage | records | FF
//	      ^ verified         ^ a file of its own each
func (run *rdbRun) behind(ctx context.Context, size int64) error {
	if run.o.At == nil || size <= 0 || run.trailer.Wrapped || !run.trailer.Version.Known() || run.stopped <= 0 {
		return nil
	}
	s, err := salvage.File(ctx, run.o.At, size, &salvage.Options{Name: run.name})
	if _, damaged := findingOf(err); damaged {
		return nil // it has been told
	}
	if err != nil {
		return err
	}
	defer s.Close()
	told := false
	for p := range s.Pieces() {
		switch {
		case p.To <= run.stopped || p.Damaged && p.From == run.stopped: // it has been told
		case p.Records:
			if !told {
				run.find(CodeResumed, p.From, "%d bytes behind the damage, records go on here", p.From-run.stopped)
				told = true
			}
			if err := run.piece(ctx, p); err != nil {
				return err
			}
		case !p.Records && p.From > run.stopped:
			run.find(CodeFraming, p.From, "no records can be told in %d bytes", p.To-p.From)
		}
	}
	return nil
}

// piece verifies records that stand by themselves.
func (run *rdbRun) piece(ctx context.Context, p salvage.Piece) error {
	head := []byte(run.trailer.Version.String())
	head = rdbwire.AppendLength(append(head, opSelectDB), uint64(p.DB))
	tail := make([]byte, 1+footerLen)
	tail[0] = opEOF
	src := io.MultiReader(bytes.NewReader(head), io.NewSectionReader(run.o.At, p.From, p.To-p.From), bytes.NewReader(tail))
	_, _, err := run.walk(ctx, src, &rdb.Options{Offset: p.From - int64(len(head)), Size: p.To + int64(len(tail))})
	if f, ok := findingOf(err); ok {
		run.r.Add(f)
		return nil
	}
	if errors.Is(err, errReported) || errors.Is(err, entry.ErrChecksum) {
		return nil
	}
	return err
}
