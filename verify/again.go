package verify

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/internal/crc64"
	"github.com/rdbtool/rdbtool/rdb"
)

// footerLen is the length of the checksum at the end of a file.
const footerLen = 8

// checkWhole holds the checksum of a file against its bytes, whatever is between
// them. A file that reading could not follow to its end is damaged if it does
// not hold, and has been written like that if it does.
func (run *rdbRun) checkWhole(ctx context.Context) error {
	if run.o.Again == nil || !run.trailer.Version.HasChecksum() || run.trailer.Wrapped {
		return nil
	}
	src, err := run.o.Again()
	if err != nil {
		return err
	}
	defer src.Close()
	crc, stored, size, err := sumOf(ctx, src)
	if packed := (*compress.Error)(nil); errors.As(err, &packed) {
		return nil // the first reading has told of it
	}
	if err != nil || size < footerLen {
		return err
	}
	f := &run.r.Facts
	switch {
	case stored == 0:
		f.Checksum = rdb.ChecksumDisabled
	case crc == stored:
		f.Checksum = rdb.ChecksumOK
	default:
		f.Checksum = rdb.ChecksumBad
		place := entry.Place{File: run.name, Offset: size - footerLen, Element: -1, Construct: "footer"}
		run.r.Add(Finding{CodeChecksum, Error, place, fmt.Sprintf("checksum mismatch: the last eight bytes are %016x, computed %016x", stored, crc)})
	}
	return nil
}

// sumOf returns the checksum of all bytes but the last eight, and what these
// are.
func sumOf(ctx context.Context, src io.Reader) (crc, stored uint64, size int64, err error) {
	buf := make([]byte, footerLen+256<<10)
	held := 0 // bytes at the front of buf that may be the footer
	for {
		if err := ctx.Err(); err != nil {
			return 0, 0, 0, err
		}
		n, err := src.Read(buf[held:])
		size += int64(n)
		have := held + n
		if sum := have - footerLen; sum > 0 {
			crc = crc64.Update(crc, buf[:sum])
			copy(buf, buf[sum:have])
			have = footerLen
		}
		held = have
		if err == io.EOF {
			return crc, binary.LittleEndian.Uint64(buf), size, nil
		}
		if err != nil {
			return 0, 0, 0, err
		}
	}
}

// twice is a key that stands twice, by the offsets of its records.
type twice struct{ first, later int64 }

// nameKeys reports the keys that stand twice, by name if the file can be read
// once more.
func (run *rdbRun) nameKeys(ctx context.Context) error {
	at := map[int64]entry.Place{}
	for _, t := range run.twice {
		at[t.later] = entry.Place{File: run.name, Offset: t.later, Element: -1}
	}
	if run.o.Again != nil && len(at) > 0 {
		if err := run.placeKeys(ctx, at); err != nil {
			return err
		}
	}
	slices.SortFunc(run.twice, func(a, b twice) int { return cmp.Compare(a.later, b.later) })
	for _, t := range run.twice {
		rule, _ := RuleOf(CodeDuplicateKey)
		run.r.Add(Finding{CodeDuplicateKey, rule.Severity, at[t.later], fmt.Sprintf("stands at offset 0x%x already", t.first)})
	}
	return nil
}

// placeKeys fills in the keys of the records at these offsets.
func (run *rdbRun) placeKeys(ctx context.Context, at map[int64]entry.Place) error {
	src, err := run.o.Again()
	if err != nil {
		return err
	}
	defer src.Close()
	r := rdb.NewReader(src, &rdb.Options{Name: run.name, Fragments: true})
	for left := len(at); left > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		e, err := r.Next()
		if _, ok := findingOf(err); ok || err == io.EOF {
			return nil
		}
		if err != nil {
			return errors.Join(errors.New("reading once more"), err)
		}
		if _, ok := at[e.Offset]; ok {
			at[e.Offset] = placeOf(run.name, e)
			left--
		}
	}
	return nil
}
