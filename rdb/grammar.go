package rdb

import (
	"sync"
)

// grammar is what earlier records of a file say about how to read later ones.
type grammar struct {
	version   Version
	types     *[256]typeInfo
	dragonfly bool // the writer gives some numbers other meanings
	// templates are the field names of shared hash layouts, those of the whole
	// file; only the first known of them stand before the current position.
	templates *templates
	known     int
}

// templates are the hash templates that the scanner has met. Batches on other
// goroutines look them up.
type templates struct {
	mu   sync.RWMutex
	byID map[uint64]template
}

type template struct {
	names   [][]byte
	ordinal int // among the templates of the file
}

// lookup returns the names of a template defined before the current position.
func (g *grammar) lookup(id uint64) (names [][]byte, ok bool) {
	g.templates.mu.RLock()
	defer g.templates.mu.RUnlock()
	t, ok := g.templates.byID[id]
	return t.names, ok && t.ordinal < g.known
}

// define adds a template, unless it is there because this very record has been
// read before. It returns false where another one has that ID.
func (g *grammar) define(id uint64, names [][]byte) bool {
	g.templates.mu.Lock()
	defer g.templates.mu.Unlock()
	t, ok := g.templates.byID[id]
	if ok && t.ordinal != g.known {
		return false
	}
	if !ok {
		g.templates.byID[id] = template{names, g.known}
	}
	g.known++
	return true
}

// state is what a position in a file inherits from the records before it. No
// attribute is ever pending where a batch begins.
type state struct {
	grammar
	db int
}
