package verify

import (
	"errors"
	"fmt"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
)

// wound is a stretch of a file that keeps servers from loading it, or from keeping
// what it says.
type wound struct {
	kind     woundKind
	from, to int64
	cut      int64 // end of what is whole before it, outside of a transaction
	before   int64 // commands of the file in front of it
	time     int64 // of the last #TS: line before it, in Unix seconds
	reason   string
	code     Code
	// Of an orphan: whether the file cannot be read in another way, and the
	// commands and bytes that a server lost, or will lose.
	certain     bool
	commands    int64
	lost        int64
	transaction int64 // of a tail: offset of the MULTI that is cut off with it, -1 if none
}

type woundKind uint8

const (
	gap        woundKind = iota // bytes that are no commands
	badCommand                  // a whole command that is out of place
	strayMulti                  // a MULTI whose EXEC has been lost in a gap
	orphanHead                  // what a transaction held before the server went on behind it
	unclear                     // a MULTI inside a transaction, and nothing tells what became of that
	tail                        // the end of the file
)

// openTx is a transaction that has not ended yet.
//
//	MULTI | SET a 1 | SET b 2 | SELECT 0 | SET c 3 ... end of file
//	from    the head          | turn: a server has gone on here
type openTx struct {
	from, end int64 // of MULTI; from is -1 if no transaction is open
	db        int
	commands  int64
	worked    bool  // something else than SELECT has come
	turn      int64 // a SELECT behind that, -1 if none
	sameDB    bool  // it selects what is selected: only a server that has started writes that
	turns     int   // how many other SELECTs it could have been
	after     int64 // commands from there on
	gap       bool  // something has been lost since MULTI
}

// manyAfter is how many commands behind a SELECT of another database are more than
// a transaction of several databases would hold.
const manyAfter = 64

// isOrphan reports whether a server has gone on behind the MULTI, as it seems.
func (tx *openTx) isOrphan() bool { return tx.turn >= 0 && (tx.sameDB || tx.after >= manyAfter) }

// wound takes a wound of the file being read.
func (v *logVerifier) wound(w wound) {
	w.before, w.time = v.part.Commands, v.seconds
	v.part.wounds = append(v.part.wounds, w)
}

// inTransaction follows a transaction.
func (v *logVerifier) inTransaction(c *aof.Command) {
	tx := &v.tx
	end := c.Offset + c.Size
	switch {
	case c.ID == idMulti && len(c.Args) == 1:
		if tx.from >= 0 {
			v.nested(c)
		}
		*tx = openTx{from: c.Offset, end: end, db: c.DB, turn: -1}
		return
	case (c.ID == idExec || c.ID == idDiscard) && len(c.Args) == 1:
		if tx.from >= 0 {
			v.r.Facts.Transactions++
		}
		tx.from = -1
		return
	case c.ID == idSelect:
		if same := c.DB == tx.db; tx.worked && !tx.sameDB && (same || tx.turn < 0) {
			tx.turn, tx.sameDB, tx.after = c.Offset, same, 0
		} else if tx.worked {
			tx.turns++
		}
		tx.db = c.DB
	default:
		tx.worked = true
	}
	tx.commands++
	if tx.turn >= 0 {
		tx.after++
	}
}

// cutBefore returns where a file must be cut that is damaged at an offset.
func (v *logVerifier) cutBefore(offset int64) int64 {
	if v.tx.from >= 0 {
		return v.tx.from
	}
	return offset
}

// nested takes a MULTI inside a transaction: the end of that has been lost.
func (v *logVerifier) nested(c *aof.Command) {
	tx := &v.tx
	w := wound{from: tx.from, to: tx.end, cut: tx.from, code: CodeLogMulti, reason: v.fault.Err.Error()}
	switch {
	case tx.gap:
		w.kind = strayMulti
		v.add(CodeLogMulti, v.fault.Place, w.reason+", whose EXEC has been lost with the damage behind it")
	case tx.turn >= 0: // many or few: a server writes no MULTI inside of one
		v.orphan(&w, c.Offset)
	default:
		w.kind = unclear
		v.add(CodeLogMulti, v.fault.Place, w.reason+": servers execute both at the next EXEC")
	}
	v.wound(w)
}

// orphan reports an open transaction behind which a server has gone on, up to the
// offset end.
func (v *logVerifier) orphan(w *wound, end int64) {
	tx := &v.tx
	w.code = CodeLogOrphan
	w.kind, w.to, w.certain, w.commands, w.lost = orphanHead, tx.turn, tx.sameDB, tx.after, end-tx.turn
	sure := "a server has"
	if !w.certain {
		sure = "a server may have"
		if tx.turns > 0 { // it may as well have been another one
			w.kind = unclear
		}
	}
	w.reason = fmt.Sprintf("this MULTI has no EXEC, and %s gone on behind it at 0x%x, where a SELECT stands: ", sure, tx.turn)
	if v.fault != nil { // a later transaction ends it
		w.reason += "what the transaction held before that is executed at the EXEC of a later one"
	} else {
		w.reason += fmt.Sprintf("%d commands from there on (%d bytes) are lost when a server starts", w.commands, w.lost)
	}
	v.add(CodeLogOrphan, v.at(tx.from), w.reason)
}

// damage takes what the reader cannot read, and reports whether it goes on behind
// it. An error that is no damage is returned.
func (v *logVerifier) damage(r *aof.Reader, err error) (goesOn bool, _ error) {
	var corrupt *entry.CorruptError
	if !errors.As(err, &corrupt) {
		return false, err
	}
	part := v.part
	if !part.frozen {
		part.ValidUpTo, part.frozen = r.ValidUpTo(), true
	}
	lost, err := r.Resync()
	if err != nil {
		return false, err
	}
	part.end = lost.End
	n := lost.End - lost.Offset
	reason := corrupt.Err.Error()
	if !lost.Found {
		v.tail(corrupt, lost)
		return false, nil
	}
	code := logCode(corrupt)
	if errors.Is(corrupt, entry.ErrTruncated) {
		code = CodeLogFormat
		reason = "a length that takes the commands behind it with it"
	}
	reason += fmt.Sprintf("; %d bytes from 0x%x on are no commands, these go on at 0x%x", n, lost.Offset, lost.End)
	v.add(code, corrupt.Place, reason)
	v.wound(wound{kind: gap, from: lost.Offset, to: lost.End, cut: v.cutBefore(lost.Offset), code: code, reason: reason})
	v.tx.gap = true
	return true, nil
}

// tail takes the end of a file that is damaged, or inside a transaction.
func (v *logVerifier) tail(corrupt *entry.CorruptError, lost aof.Gap) {
	tx := &v.tx
	torn := errors.Is(corrupt, entry.ErrTruncated)
	code, reason := logCode(corrupt), corrupt.Err.Error()
	if !torn {
		reason += fmt.Sprintf("; nothing behind it can be read: %d bytes from 0x%x to the end of the file", lost.End-lost.Offset, lost.Offset)
	}
	w := wound{kind: tail, from: lost.Offset, to: lost.End, cut: lost.Offset, reason: reason, transaction: -1}
	switch {
	case tx.from < 0:
	case tx.gap: // its EXEC was there
		v.wound(wound{kind: strayMulti, from: tx.from, to: tx.end, cut: tx.from, code: CodeLogOpen, reason: "the EXEC of this MULTI has been lost with the damage behind it"})
		if w.from == w.to {
			v.add(CodeLogOpen, v.at(tx.from), "the EXEC of this MULTI has been lost with the damage behind it")
		}
	case tx.isOrphan():
		orphan := wound{from: tx.from, cut: tx.from}
		v.orphan(&orphan, lost.Offset)
		v.wound(orphan)
	default:
		w.from, w.cut, w.transaction = tx.from, tx.from, tx.from
		if tx.turn >= 0 {
			reason += fmt.Sprintf(", or behind it, if a server has gone on at 0x%x, where a SELECT stands", tx.turn)
			w.reason = reason
		}
		if lost.Offset == lost.End {
			code, corrupt.Place = CodeLogOpen, v.at(tx.from)
		}
	}
	if w.from == w.to {
		if !v.last {
			v.add(CodeLogNotLast, v.at(tx.from), "the file ends inside a transaction, and it is not the last file: servers refuse it")
		}
		return
	}
	if torn && !v.last {
		code = CodeLogNotLast
		w.reason += ", and it is not the last file: servers refuse it"
	}
	w.code = code
	v.add(code, corrupt.Place, w.reason)
	v.wound(w)
}
