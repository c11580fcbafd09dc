package lua

// loop compiles the body of one, which break leaves.
func (c *compiler) loop(body func() (stmt, error)) (stmt, error) {
	c.fn.loops++
	defer func() { c.fn.loops-- }()
	return body()
}

func (c *compiler) whileStatement() (stmt, error) {
	cond, err := c.expr()
	if err != nil {
		return nil, err
	}
	body, err := c.loop(c.doEnd)
	return func(f *frame) (control, error) {
		for {
			if is, err := holds(f, cond); !is || err != nil {
				return goOn, err
			}
			if ctl, err := body(f); ctl == returned || err != nil {
				return ctl, err
			} else if ctl == broke {
				return goOn, nil
			}
		}
	}, err
}

// repeatStatement: the condition sees the variables of the body.
func (c *compiler) repeatStatement() (stmt, error) {
	var cond *operand
	c.fn.loops++
	body, err := c.scope(func() ([]stmt, error) {
		body, err := c.statements()
		if err != nil {
			return nil, err
		}
		if err := c.expect("until"); err != nil {
			return nil, err
		}
		c.fn.loops--
		cond, err = c.expr()
		return body, err
	})
	return func(f *frame) (control, error) {
		for {
			if ctl, err := run(f, body); ctl == returned || err != nil {
				return ctl, err
			} else if ctl == broke {
				return goOn, nil
			}
			if is, err := holds(f, cond); is || err != nil {
				return goOn, err
			}
		}
	}, err
}

func (c *compiler) forStatement() (stmt, error) {
	first, err := c.name()
	if err != nil {
		return nil, err
	}
	var s stmt
	_, err = c.scope(func() ([]stmt, error) {
		var err error
		if c.is("=") {
			s, err = c.numericFor(first)
		} else {
			s, err = c.genericFor(first)
		}
		return nil, err
	})
	return s, err
}

func (c *compiler) numericFor(name string) (stmt, error) {
	if err := c.advance(); err != nil {
		return nil, err
	}
	list, err := c.list()
	if err != nil {
		return nil, err
	}
	if len(list) != 2 && len(list) != 3 {
		return nil, c.unexpected()
	}
	slot, err := c.declare(name)
	if err != nil {
		return nil, err
	}
	body, err := c.loop(c.doEnd)
	return func(f *frame) (control, error) {
		values := [3]Value{2: 1.0}
		for i, o := range list {
			var err error
			if values[i], err = o.one(f); err != nil {
				return goOn, err
			}
		}
		if err := f.m.look(values[:]...); err != nil {
			return goOn, err
		}
		var n [3]float64
		for i, v := range values {
			var ok bool
			var err error
			if n[i], ok, err = number(v); err != nil {
				return goOn, err
			} else if !ok {
				return goOn, raise()
			}
		}
		limit, step := n[1], n[2]
		// As Lua has it, which matters where the numbers are no integers.
		for i := float64(n[0] - step); ; {
			if i = float64(i + step); step > 0 && !(i <= limit) || !(step > 0) && !(limit <= i) {
				return goOn, nil
			}
			if err := f.m.Steps(1); err != nil {
				return goOn, err
			}
			var v Value = i
			f.locals[slot] = &v
			if ctl, err := body(f); ctl == returned || err != nil {
				return ctl, err
			} else if ctl == broke {
				return goOn, nil
			}
		}
	}, err
}

func (c *compiler) genericFor(name string) (stmt, error) {
	names := []string{name}
	for c.is(",") {
		if err := c.advance(); err != nil {
			return nil, err
		}
		name, err := c.name()
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	if err := c.expect("in"); err != nil {
		return nil, err
	}
	list, err := c.list()
	if err != nil {
		return nil, err
	}
	var slots []int
	for _, name := range names {
		slot, err := c.declare(name)
		if err != nil {
			return nil, err
		}
		slots = append(slots, slot)
	}
	body, err := c.loop(c.doEnd)
	all := values(list)
	return func(f *frame) (control, error) {
		what, err := all(f)
		if err != nil {
			return goOn, err
		}
		what = append(what, nil, nil, nil)
		fn, state, at := what[0], what[1], what[2]
		for {
			got, err := f.m.Call(fn, []Value{state, at})
			if err != nil {
				return goOn, err
			}
			at = first(got)
			if u, ok := at.(*Unknown); ok && !u.Text {
				return goOn, u.refusal()
			}
			if at == nil {
				return goOn, nil
			}
			f.assign(slots, got)
			if ctl, err := body(f); ctl == returned || err != nil {
				return ctl, err
			} else if ctl == broke {
				return goOn, nil
			}
		}
	}, err
}

// assign makes new local variables.
func (f *frame) assign(slots []int, all []Value) {
	for i, slot := range slots {
		var v Value
		if i < len(all) {
			v = all[i]
		}
		f.locals[slot] = &v
	}
}
