package keyspace

import (
	"encoding/binary"
)

// batch holds commands that wait to be executed, one behind the other:
//
//	position i64 | database u32 | number of the command u16 | flags u8 | 0 | arguments u32 | { length u32 } | { bytes }
//
// All numbers are little endian. Arguments include the name.
type batch struct {
	buf []byte
	n   int
}

const (
	packedHead = 20
	// batchSize is when a batch is handed on.
	batchSize = 64 << 10
	// flagOne says that a command works on one shard, and its key is the
	// argument of the number in the other bits.
	flagOne = 0x80
)

// add appends a command.
func (b *batch) add(pos int64, db int, c *command, flags byte, args ...[]byte) {
	buf := binary.LittleEndian.AppendUint64(b.buf, uint64(pos))
	buf = binary.LittleEndian.AppendUint32(buf, uint32(db))
	buf = binary.LittleEndian.AppendUint16(buf, c.id)
	buf = append(buf, flags, 0)
	buf = binary.LittleEndian.AppendUint32(buf, uint32(len(args)))
	for _, a := range args {
		buf = binary.LittleEndian.AppendUint32(buf, uint32(len(a)))
	}
	for _, a := range args {
		buf = append(buf, a...)
	}
	b.buf = buf
	b.n++
}

// packed is a command of a batch.
type packed struct {
	pos   int64
	db    int
	id    uint16
	flags byte
	args  [][]byte
	shard *shard // with flagOne
	tag   uint32 // hash of the key, where d is set
	d     *dict
}

// next takes the command at the start of buf. The arguments are appended to
// args.
func (p *packed) next(buf []byte, args [][]byte) (rest []byte, all [][]byte) {
	p.pos = int64(binary.LittleEndian.Uint64(buf))
	p.db = int(binary.LittleEndian.Uint32(buf[8:]))
	p.id = binary.LittleEndian.Uint16(buf[12:])
	p.flags = buf[14]
	n := int(binary.LittleEndian.Uint32(buf[16:]))
	lengths := buf[packedHead : packedHead+4*n]
	rest = buf[packedHead+4*n:]
	start := len(args)
	for ; len(lengths) > 0; lengths = lengths[4:] {
		k := int(binary.LittleEndian.Uint32(lengths))
		args = append(args, rest[:k:k])
		rest = rest[k:]
	}
	p.args = args[start:len(args):len(args)]
	return rest, args
}

// groupSize is how many commands are looked at before the first of them is
// executed: the cache misses of their keys overlap then.
const groupSize = 64

// run executes the commands of a batch.
func (w *worker) run(b *batch) {
	for buf := b.buf; len(buf) > 0; {
		w.args = w.args[:0]
		n := 0
		for n < groupSize && len(buf) > 0 {
			buf, w.args = w.group[n].next(buf, w.args)
			n++
		}
		w.touch(w.group[:n])
		for i := range w.group[:n] {
			w.execute(&w.group[i])
			if w.group[i].flags&flagOne == 0 { // it may have put other dicts in place
				for k := range w.group[i:n] {
					w.group[i+k].d = nil
				}
			}
		}
	}
}

// touch finds out where keys are, and brings their slots and blocks into the
// cache. It does one thing at a time for all keys: the processor waits for many of
// them at once then.
func (w *worker) touch(group []packed) {
	ds := w.x.ds
	for i := range group {
		p := &group[i]
		p.d = nil
		if p.flags&flagOne == 0 {
			continue
		}
		key := p.args[p.flags&^flagOne]
		p.shard = &ds.shards[ds.shardOf(key)]
		if d := p.shard.dbs[p.db]; d != nil && len(d.slots) > 0 {
			p.tag, p.d = hashOf(key), d
		}
	}
	sum := 0
	for i := range group {
		if p := &group[i]; p.d != nil {
			sum += int(p.d.slots[p.tag&uint32(len(p.d.slots)-1)].tag)
		}
	}
	for i := range group {
		p := &group[i]
		if p.d == nil {
			continue
		}
		mask := uint32(len(p.d.slots) - 1)
		for k := p.tag & mask; ; k = (k + 1) & mask {
			s := p.d.slots[k]
			if s.h == 0 {
				break
			}
			if s.tag == p.tag {
				b := p.d.at(s.h)
				sum += int(b[0]) + int(b[min(64, len(b)-1)])
				break
			}
		}
	}
	w.sum += sum
}
