package lua

// assignment reads what follows the first variable of one.
func (c *compiler) assignment(v *operand) (stmt, error) {
	targets := []*operand{v}
	for c.is(",") {
		if err := c.advance(); err != nil {
			return nil, err
		}
		v, err := c.primary()
		if err != nil {
			return nil, err
		}
		targets = append(targets, v)
	}
	if err := c.expect("="); err != nil {
		return nil, err
	}
	for _, v := range targets {
		if v.call || v.paren || v.of == nil && v.local == 0 && v.up == 0 {
			return nil, refuse("line %d: an assignment to a global name", c.last)
		}
	}
	list, err := c.list()
	if err != nil {
		return nil, err
	}
	places := make([]place, len(targets))
	for i, v := range targets {
		places[i] = placeOf(v, targets[i+1:])
	}
	all := values(list)
	return func(f *frame) (control, error) {
		to := make([]spot, len(places))
		for i := range places {
			if err := places[i].before(f, &to[i]); err != nil {
				return goOn, err
			}
		}
		got, err := all(f)
		if err != nil {
			return goOn, err
		}
		for i := range places {
			if err := places[i].after(f, &to[i]); err != nil {
				return goOn, err
			}
		}
		for i := len(places) - 1; i >= 0; i-- { // the last one first
			var v Value
			if i < len(got) {
				v = got[i]
			}
			if err := places[i].store(f, &to[i], v); err != nil {
				return goOn, err
			}
		}
		return goOn, nil
	}, nil
}

// place is what is assigned to. The table and the key are looked at before the
// values are computed, but for local variables: the code of Lua looks at these
// afterwards, unless the same assignment changes them further on.
type place struct {
	target          *operand
	lateOf, lateKey bool
}

type spot struct{ of, key Value }

func placeOf(v *operand, behind []*operand) place {
	late := func(o *operand) bool {
		if o == nil || o.local == 0 {
			return false
		}
		for _, t := range behind {
			if t.of == nil && t.local == o.local {
				return false
			}
		}
		return true
	}
	return place{v, late(v.of), late(v.key)}
}

func (p *place) before(f *frame, s *spot) error { return p.look(f, s, false) }
func (p *place) after(f *frame, s *spot) error  { return p.look(f, s, true) }

func (p *place) look(f *frame, s *spot, late bool) (err error) {
	if p.target.of == nil {
		return nil
	}
	if p.lateOf == late {
		if s.of, err = p.target.of.one(f); err != nil {
			return err
		}
	}
	if p.lateKey == late {
		s.key, err = p.target.key.one(f)
	}
	return err
}

func (p *place) store(f *frame, s *spot, v Value) error {
	switch t := p.target; {
	case t.of != nil:
		if err := f.m.Steps(1); err != nil {
			return err
		}
		return set(f.m, s.of, s.key, v)
	case t.local > 0:
		*f.locals[t.local-1] = v
	default:
		*f.up[t.up-1] = v
	}
	return nil
}

// function reads one from its parameters on.
func (c *compiler) function() (*operand, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.leave()
	outer := c.fn
	c.fn = &function{outer: outer}
	defer func() { c.fn = outer }()
	if err := c.expect("("); err != nil {
		return nil, err
	}
	for !c.is(")") {
		if ok, err := c.accept("..."); err != nil {
			return nil, err
		} else if ok {
			c.fn.vararg = true
			break
		}
		name, err := c.name()
		if err != nil {
			return nil, err
		}
		if _, err := c.declare(name); err != nil {
			return nil, err
		}
		if ok, err := c.accept(","); err != nil {
			return nil, err
		} else if ok && c.is(")") {
			return nil, c.unexpected()
		} else if !ok {
			break
		}
	}
	if err := c.expect(")"); err != nil {
		return nil, err
	}
	p := &proto{params: len(c.fn.active), vararg: c.fn.vararg}
	body, err := c.block()
	if err != nil {
		return nil, err
	}
	p.body, p.slots, p.ups = body, c.fn.slots, c.fn.ups
	return &operand{one: func(f *frame) (Value, error) {
		if err := f.m.Bytes(int64(64 + 8*len(p.ups))); err != nil {
			return nil, err
		}
		fn := &Func{proto: p, up: make([]*Value, len(p.ups))}
		for i, u := range p.ups {
			if u.local {
				fn.up[i] = f.locals[u.index]
			} else {
				fn.up[i] = f.up[u.index]
			}
		}
		return fn, nil
	}}, c.expect("end")
}

// tableItem is an item of a table constructor: with a key, or one of the list.
type tableItem struct{ key, value *operand }

// flushed is after how many items of its list a constructor writes them, when
// another item follows: what stands between keys of the same number shows it.
const flushed = 50

// table reads a table constructor.
func (c *compiler) table() (*operand, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.leave()
	if err := c.expect("{"); err != nil {
		return nil, err
	}
	var items []tableItem
	depth := 0
	for !c.is("}") {
		item, err := c.tableItem()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		depth = max(depth, item.value.depth)
		if item.key != nil {
			depth = max(depth, item.key.depth)
		}
		if !c.is(",") && !c.is(";") {
			break
		}
		if err := c.advance(); err != nil {
			return nil, err
		}
	}
	return &operand{one: func(f *frame) (Value, error) { return makeTable(f, items) }, depth: depth + 1}, c.expect("}")
}

func (c *compiler) tableItem() (item tableItem, err error) {
	if c.t.kind == tokName {
		t, err := c.lookahead()
		if err != nil {
			return item, err
		}
		if t.kind == tokSymbol && t.text == "=" {
			item.key = constant(c.t.text)
			if err := c.advance(); err != nil {
				return item, err
			}
		}
	} else if c.is("[") {
		if err := c.advance(); err != nil {
			return item, err
		}
		if item.key, err = c.expr(); err != nil {
			return item, err
		}
		if err := c.expect("]"); err != nil {
			return item, err
		}
	}
	if item.key != nil {
		if err := c.expect("="); err != nil {
			return item, err
		}
	}
	item.value, err = c.expr()
	return item, err
}

func makeTable(f *frame, items []tableItem) (Value, error) {
	t := &Table{}
	if err := f.m.Bytes(64); err != nil {
		return nil, err
	}
	var list []Value // items that wait to be written
	n := 0
	flush := func() error {
		for _, v := range list {
			n++
			if err := t.setKey(f.m, float64(n), v); err != nil {
				return err
			}
		}
		list = list[:0]
		return nil
	}
	for i, item := range items {
		if len(list) == flushed {
			if err := flush(); err != nil {
				return nil, err
			}
		}
		if item.key != nil {
			k, v, err := orderly(f, item.key, item.value)
			if err != nil {
				return nil, err
			}
			if err := t.setKey(f.m, k, v); err != nil {
				return nil, err
			}
			continue
		}
		if i == len(items)-1 && item.value.many != nil {
			all, err := item.value.many(f)
			if err != nil {
				return nil, err
			}
			list = append(list, all...)
			break
		}
		v, err := item.value.one(f)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return t, flush()
}
