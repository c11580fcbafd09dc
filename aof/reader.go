package aof

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// Options say how a file is read. The zero value, or nil, is fine.
type Options struct {
	// Name of the file, for error texts.
	Name string
	// Size of the file in bytes, 0 if unknown. A preamble is checked against it.
	Size int64
	// MaxCommand limits what one command may take in memory, in bytes. 0 stands
	// for 1 GiB.
	MaxCommand int64
	// Annotations asks for the lines between commands that begin with #.
	Annotations bool
	// Offset is where in the file the reader begins. What stands there if it is
	// not 0 are commands.
	Offset int64
	// Fault, if set, is told of damage behind which reading goes on by itself:
	// whole commands that are out of place (ErrTransaction, ErrArity, ErrSelect)
	// or have line ends that servers do not mind (ErrLineEnd). Next then gives
	// out the command. A MULTI inside a transaction, and an EXEC outside of one,
	// change nothing, and a wrong SELECT leaves the database as it is.
	Fault func(*entry.CorruptError)
}

// Command is a command of the file or, with Options.Annotations, a line between
// commands. Its bytes are borrowed until the next call of Next.
type Command struct {
	// Args are the name of the command and its arguments, as they stand.
	Args [][]byte
	// Annotation is the line with its # and without its end; Args is then empty.
	Annotation []byte
	Offset     int64 // of its first byte in the file
	Size       int64 // bytes in the file
	DB         int   // the database that it works on; of SELECT, the one it turns to
	InTx       bool  // part of a transaction, MULTI and EXEC included
	ID         int   // tells commands that logs hold by a number: see CommandID
}

// Timestamp returns the Unix seconds that a "#TS:" line says.
func (c *Command) Timestamp() (unixSeconds int64, ok bool) {
	digits, ok := bytes.CutPrefix(c.Annotation, []byte("#TS:"))
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseInt(string(digits), 10, 64)
	return v, err == nil
}

// Reader reads the commands of one file, front to back. It holds the file to
// the form that servers write; what they load beside that (lines that end with
// a bare line feed) is an error.
//
//	*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n
//	#TS:1700000000\r\n
//
// A file that begins with an RDB part is read through that first: see Preamble.
type Reader struct {
	src  io.Reader
	o    Options
	buf  []byte // buf[pos:] is unread; buf[0] stands at base
	pos  int
	base int64
	eof  error // of src

	started  bool
	preamble *rdb.Reader

	c     Command
	args  [][]byte
	db    int
	tx    int64 // offset of the MULTI that is open, -1 if none
	valid int64
	err   error // sticky
}

// NewReader returns a reader of r.
func NewReader(r io.Reader, o *Options) *Reader {
	rd := &Reader{src: r, tx: -1}
	window := int64(windowSize)
	if o != nil {
		rd.o = *o
		rd.base, rd.valid = o.Offset, o.Offset
		if left := o.Size - o.Offset; o.Size > 0 && left < window {
			window = max(left, 0) + magicLen // one that is small, and to its end
		}
	}
	rd.buf = make([]byte, 0, window)
	if rd.o.MaxCommand <= 0 {
		rd.o.MaxCommand = 1 << 30
	}
	return rd
}

// windowSize is what a Reader reads at a time.
const windowSize = 256 << 10

// ValidUpTo returns the end of the last whole command or line that is in no
// open transaction: what a server keeps of a file whose rest is damaged.
func (r *Reader) ValidUpTo() int64 { return r.valid }

// Preamble returns a reader of the RDB part that the file begins with, nil if
// it begins with commands. What is left unread of it is read by Next. It must
// be called before Next.
func (r *Reader) Preamble(o *rdb.Options) *rdb.Reader {
	if err := r.start(); err != nil || r.preamble != nil || !r.isRDB() {
		return r.preamble
	}
	var ro rdb.Options
	if o != nil {
		ro = *o
	}
	ro.Name, ro.Size = r.o.Name, r.o.Size
	r.preamble = rdb.NewReader(io.MultiReader(bytes.NewReader(r.buf[r.pos:]), r.src), &ro)
	return r.preamble
}

// start makes sure that the beginning of the file is in memory.
func (r *Reader) start() error {
	if r.started {
		return nil
	}
	r.started = true
	for len(r.buf) < magicLen {
		if err := r.fill(magicLen - len(r.buf)); err == io.EOF {
			return nil
		} else if err != nil {
			r.err = err
			return err
		}
	}
	return nil
}

// magicLen is enough to tell an RDB file by.
const magicLen = 6

func (r *Reader) isRDB() bool {
	return r.o.Offset == 0 && IsRDB(r.buf)
}

// IsRDB reports whether a file that begins with b begins with an RDB part. Six
// bytes tell.
func IsRDB(b []byte) bool {
	return bytes.HasPrefix(b, []byte("REDIS")) || bytes.HasPrefix(b, []byte("VALKEY"))
}

// passPreamble reads the rest of the RDB part.
func (r *Reader) passPreamble() error {
	p := r.preamble
	for {
		if _, err := p.Next(); err == io.EOF {
			break
		} else if err != nil {
			return PreambleError(err)
		}
	}
	r.preamble = nil
	r.src, r.eof = p.Rest(), nil
	r.base, r.buf, r.pos = p.Trailer().End, r.buf[:0], 0
	r.valid = r.base
	return nil
}

// PreambleError marks an error of a reader of the RDB part, as Preamble gives
// it, if it says that the part is damaged: it is then ErrPreamble too.
func PreambleError(err error) error {
	var corrupt *entry.CorruptError
	if !errors.As(err, &corrupt) {
		return err
	}
	return &entry.CorruptError{Place: corrupt.Place, Err: &reason{"RDB part: " + corrupt.Err.Error(), []error{ErrPreamble, corrupt.Err}}}
}

// Next returns the next command. It returns io.EOF at the end of the file.
// Damage is an *entry.CorruptError, a failure to read is returned as the source
// gave it. An error is final, unless Resync finds a way on.
func (r *Reader) Next() (*Command, error) {
	if r.err == nil {
		r.err = r.next()
	}
	if r.err != nil {
		return nil, r.err
	}
	return &r.c, nil
}

func (r *Reader) next() error {
	if err := r.begin(); err != nil {
		return err
	}
	for {
		b := r.buf[r.pos:]
		if len(b) == 0 {
			if err := r.more(1); err != nil {
				return err
			}
			continue
		}
		if b[0] == '#' {
			if shown, err := r.annotation(); err != nil || shown {
				return err
			}
			continue
		}
		n, missing, wrong := r.parse(b)
		switch {
		case wrong != nil && len(b) < n+maxShown && r.eof == nil:
			// The message shows what follows, however it was read.
			if err := r.fill(n + maxShown - len(b)); err != nil && err != io.EOF {
				return err
			}
		case wrong != nil:
			lax, err := r.lax()
			if err != nil {
				return err
			}
			if lax == 0 {
				return r.format(n, wrong)
			}
			r.o.Fault(corrupt(r.o.Name, r.base+int64(r.pos+n), "", r.inCommand(n, wrong.Error()), ErrLineEnd, ErrFormat))
			return r.take(lax)
		case missing > 0:
			if err := r.more(missing); err != nil {
				return err
			}
		case int64(n) > r.o.MaxCommand:
			return r.tooLarge()
		default:
			return r.take(n)
		}
	}
}

// take makes the n bytes that have been parsed the command.
func (r *Reader) take(n int) error {
	r.c = Command{Args: r.args, Offset: r.base + int64(r.pos), Size: int64(n)}
	r.pos += n
	return r.follow()
}

// begin reads through the RDB part if there is one and nobody has.
func (r *Reader) begin() error {
	if !r.started {
		if r.Preamble(nil); r.err != nil {
			return r.err
		}
	}
	if r.preamble != nil {
		return r.passPreamble()
	}
	return nil
}

// more brings at least missing bytes. At the end of the file it returns io.EOF,
// or what is wrong with a file that ends here.
func (r *Reader) more(missing int) error {
	unread := len(r.buf) - r.pos
	if int64(unread)+int64(missing) > r.o.MaxCommand {
		return r.tooLarge()
	}
	// A command is parsed from its start each time, so what is read doubles. What
	// there is room for comes first: behind a large argument not as much again is due.
	ahead := unread
	if free := cap(r.buf) - unread; missing <= free || missing >= largeArgument {
		ahead = min(ahead, max(free, 0))
	}
	for want := unread + max(missing, ahead); ; {
		err := r.fill(want - (len(r.buf) - r.pos))
		have := len(r.buf) - r.pos
		switch {
		case err == io.EOF && have >= unread+missing:
			return nil
		case err == io.EOF:
			return r.ended()
		case err != nil:
			return err
		case have >= want:
			return nil
		}
	}
}

func (r *Reader) tooLarge() error {
	return corrupt(r.o.Name, r.base+int64(r.pos), "", fmt.Sprintf("command of more than %d bytes", r.o.MaxCommand), entry.ErrTooLarge)
}

// fill reads some bytes behind those in memory, about n. Room is made for what
// arrives, not for what is announced.
func (r *Reader) fill(n int) error {
	if r.eof != nil {
		return r.eof
	}
	if r.pos > 0 {
		r.base += int64(r.pos)
		r.buf = r.buf[:copy(r.buf, r.buf[r.pos:])]
		r.pos = 0
	}
	if len(r.buf) == cap(r.buf) {
		r.buf = append(make([]byte, 0, r.room(n)), r.buf...)
	}
	for range 100 {
		k, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+k]
		if r.eof = err; k > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// largeArgument is what is worth a buffer of its size at once.
const largeArgument = 16 << 20

// room returns how large a buffer that is full becomes, for n bytes more: twice as large, or
// for a large argument, if the file is known to have it, with some room for what follows.
func (r *Reader) room(n int) int {
	need := int64(len(r.buf) + n)
	if left := r.o.Size - r.base; n >= largeArgument && need <= left {
		return int(min(need+need/8, left+1))
	}
	return 2 * cap(r.buf)
}

// ended judges the end of the file, with what is unread.
func (r *Reader) ended() error {
	at := r.base + int64(r.pos)
	unread := len(r.buf) - r.pos
	switch {
	case unread == 0 && r.tx < 0:
		return io.EOF
	case unread == 0:
		return corrupt(r.o.Name, r.tx, "", "the file ends before the EXEC of this MULTI", ErrOpenTransaction, entry.ErrTruncated)
	case r.tx >= 0:
		text := fmt.Sprintf("the file ends inside a command, in the transaction that begins at 0x%x", r.tx)
		return corrupt(r.o.Name, at, "", text, ErrOpenTransaction, entry.ErrTruncated)
	}
	return corrupt(r.o.Name, at, "", "the file ends inside a command", entry.ErrTruncated)
}

// format is the error for bytes that are no command, at the n-th byte of the
// one that begins where the reader stands.
func (r *Reader) format(n int, wrong error) error {
	at := r.base + int64(r.pos)
	if rest := r.buf[r.pos:]; n == 0 && len(bytes.Trim(rest[:min(len(rest), maxShown)], "\x00")) == 0 {
		return corrupt(r.o.Name, at, "", "zero bytes where a command is due", ErrZeroBytes, ErrFormat)
	}
	return corrupt(r.o.Name, at+int64(n), "", r.inCommand(n, wrong.Error()), ErrFormat)
}

// inCommand adds to a text about the n-th byte where its command begins.
func (r *Reader) inCommand(n int, text string) string {
	if n > 0 {
		text += fmt.Sprintf(" (in the command that begins at 0x%x)", r.base+int64(r.pos))
	}
	return text
}

// maxAnnotation is the longest line that servers read, its end included.
const maxAnnotation = 1024

// annotation passes over a line. It reports whether the line is given out.
func (r *Reader) annotation() (shown bool, err error) {
	for {
		b := r.buf[r.pos:]
		end := bytes.IndexByte(b[:min(len(b), maxAnnotation)], '\n')
		switch {
		case end < 0 && len(b) >= maxAnnotation:
			text := fmt.Sprintf("line of more than %d bytes", maxAnnotation)
			return false, corrupt(r.o.Name, r.base+int64(r.pos), "", text, ErrAnnotation, ErrFormat)
		case end < 0:
			if err := r.more(1); err != nil {
				return false, err
			}
			continue
		}
		line := b[:end:end]
		if cr := bytes.HasSuffix(line, []byte("\r")); cr {
			line = line[: end-1 : end-1]
		} else if r.o.Fault == nil {
			return false, r.format(end, errBareLineFeed)
		} else {
			r.o.Fault(corrupt(r.o.Name, r.base+int64(r.pos+end), "", errBareLineFeed.Error(), ErrLineEnd, ErrFormat))
		}
		r.c = Command{Annotation: line, Offset: r.base + int64(r.pos), Size: int64(end + 1), DB: r.db, InTx: r.tx >= 0}
		r.pos += end + 1
		if r.tx < 0 {
			r.valid = r.base + int64(r.pos)
		}
		return r.o.Annotations, nil
	}
}

// follow keeps track of databases and transactions, and checks what can be
// known of a command without carrying it out.
func (r *Reader) follow() error {
	c := &r.c
	name := c.Args[0]
	known := lookup(name)
	c.ID, c.InTx = int(known.id), r.tx >= 0
	var fault *entry.CorruptError
	switch {
	case known.id != 0 && !known.arity.allows(len(c.Args)):
		text := fmt.Sprintf("%q with %d arguments, %s", name, len(c.Args)-1, known.arity)
		fault = corrupt(r.o.Name, c.Offset, "", text, ErrArity)
	case isWord(name, "SELECT"):
		db, err := strconv.ParseUint(string(c.Args[1]), 10, 31)
		if err != nil {
			fault = corrupt(r.o.Name, c.Offset, "", fmt.Sprintf("SELECT of %q", c.Args[1][:min(len(c.Args[1]), 32)]), ErrSelect)
		} else {
			r.db = int(db)
		}
	case isWord(name, "MULTI"):
		if c.InTx {
			text := fmt.Sprintf("MULTI inside the transaction that begins at 0x%x", r.tx)
			fault = corrupt(r.o.Name, c.Offset, "", text, ErrNestedMulti, ErrTransaction)
		} else {
			r.tx, c.InTx = c.Offset, true
		}
	case isWord(name, "EXEC"), isWord(name, "DISCARD"):
		if !c.InTx {
			fault = corrupt(r.o.Name, c.Offset, "", fmt.Sprintf("%s outside of a transaction", name), ErrTransaction)
		}
		r.tx = -1
	}
	if fault != nil {
		if r.o.Fault == nil {
			return fault
		}
		r.o.Fault(fault)
	}
	c.DB = r.db
	if r.tx < 0 {
		r.valid = c.Offset + c.Size
	}
	return nil
}

// isWord reports whether name is the upper-case word, in any case.
func isWord(name []byte, word string) bool {
	return len(name) == len(word) && name[0]|0x20 == word[0]|0x20 && bytes.EqualFold(name, []byte(word))
}
