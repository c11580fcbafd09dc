package rdb

import (
	"errors"
	"fmt"

	"github.com/rdbtool/rdbtool/entry"
)

// classAlphabet has the characters of class names, by their six bits.
const classAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// maxKeyMeta is how many classes may attach metadata to a key.
const maxKeyMeta = 7

// readKeyMeta reads the metadata of module classes:
//
//	F3 | len n | n x ( u32 LE class | items ... 00 )
//
// A class is four characters of six bits, five bits of version and three of
// flags, from the top down.
func (h *heads) readKeyMeta(p *parser) error {
	n := p.length()
	if len(h.attr.keyMeta) > 0 {
		return errors.New("a second block of metadata for the same key")
	}
	if p.err == nil && n > maxKeyMeta {
		return fmt.Errorf("%d classes of key metadata, %d at most are possible", n, maxKeyMeta)
	}
	classes := make([]entry.KeyMeta, 0, maxKeyMeta)
	for ; n > 0 && p.err == nil; n-- {
		spec := p.u32()
		var name [4]byte
		for i := range name {
			name[i] = classAlphabet[spec>>(26-6*i)&63]
		}
		data := append([]byte(nil), p.module()...) // a later unit may move the bytes
		classes = append(classes, entry.KeyMeta{Class: string(name[:]), Version: int(spec >> 3 & 31), Flags: uint8(spec & 7), Data: data})
	}
	if p.err == nil {
		h.attr.pending, h.attr.keyMeta = true, classes
	}
	return nil
}

// template reads a shared hash layout and registers it:
//
//	F2 | len id | len n | n x str name
func (h *heads) template(p *parser) error {
	id, n := p.length(), p.length()
	if p.err == nil && n == 0 {
		return fmt.Errorf("hash template %d has no fields", id)
	}
	names := p.names(n)
	if p.err != nil {
		return nil
	}
	if !h.define(id, names) {
		return fmt.Errorf("hash template %d is defined twice", id)
	}
	h.meta.Kind, h.meta.Names, h.meta.Nums = entry.MetaHashTemplate, names, append(h.meta.Nums, id)
	return nil
}

// maxSlots is the number of cluster hash slots.
const maxSlots = 16384

// slotImport reads which slots a node was importing:
//
//	F3 | str job | len n | n x ( len first slot, len last slot )
func (h *heads) slotImport(p *parser) error {
	m := &h.meta
	m.Kind, m.Name = entry.MetaSlotImport, p.text()
	n := p.length()
	if n > maxSlots {
		return fmt.Errorf("%d ranges of slots", n)
	}
	for ; n > 0 && p.err == nil; n-- {
		first, last := p.length(), p.length()
		if p.err == nil && (first > last || last >= maxSlots) {
			return fmt.Errorf("slots %d to %d", first, last)
		}
		m.Nums = append(m.Nums, first, last)
	}
	return nil
}

// update reads the command that a Valkey server saved among the keys of a
// replication stream: one RESP array of bulk strings.
func (h *heads) update(p *parser) error {
	h.meta.Kind = entry.MetaUpdate
	start := p.n
	for n := p.respNumber('*'); n > 0 && p.err == nil; n-- {
		size := p.respNumber('$')
		if p.err != nil {
			break
		}
		p.bytes(size)
		if end := p.bytes(2); p.err == nil && string(end) != "\r\n" {
			return fmt.Errorf("argument of a saved command ends with %q", end)
		}
	}
	if p.err == nil {
		h.meta.Value = p.b[start:p.n:p.n]
	}
	return nil
}

// respNumber reads "<mark><digits>\r\n".
func (p *parser) respNumber(mark byte) int {
	if c := p.u8(); p.err == nil && c != mark {
		p.failf("byte 0x%02x in a saved command, %q is due", c, mark)
	}
	n := 0
	for p.err == nil {
		switch c := p.u8(); {
		case p.err != nil:
		case c >= '0' && c <= '9' && n < 1<<30/10:
			n = n*10 + int(c-'0')
		case c == '\r':
			if c := p.u8(); p.err == nil && c != '\n' {
				p.failf("byte 0x%02x in a saved command, a line feed is due", c)
			}
			return n
		default:
			p.failf("byte 0x%02x in the number of a saved command", c)
		}
	}
	return 0
}
