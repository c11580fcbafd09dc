package lua

// block reads statements up to the end of a block, in a scope of their own.
func (c *compiler) block() ([]stmt, error) { return c.scope(c.statements) }

func (c *compiler) statements() (body []stmt, err error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.leave()
	for {
		if c.t.kind == tokEnd || c.is("else") || c.is("elseif") || c.is("end") || c.is("until") {
			return body, nil
		}
		last := c.is("return") || c.is("break")
		s, err := c.statement()
		if err != nil {
			return nil, err
		}
		body = append(body, s)
		if _, err := c.accept(";"); err != nil {
			return nil, err
		}
		if last {
			return body, nil
		}
	}
}

func (c *compiler) statement() (stmt, error) {
	word := ""
	if c.t.kind == tokSymbol {
		word = c.t.text
	}
	var do func() (stmt, error)
	switch word {
	case "if":
		do = c.ifStatement
	case "while":
		do = c.whileStatement
	case "do":
		do = func() (stmt, error) { return c.doEnd() }
	case "for":
		do = c.forStatement
	case "repeat":
		do = c.repeatStatement
	case "function":
		return nil, refuse("line %d: a function that is global", c.t.line)
	case "local":
		do = c.localStatement
	case "return":
		do = c.returnStatement
	case "break":
		do = func() (stmt, error) {
			if c.fn.loops == 0 {
				return nil, refuse("line %d: break outside of a loop", c.t.line)
			}
			return func(*frame) (control, error) { return broke, nil }, nil
		}
	default:
		return c.exprStatement()
	}
	if word != "do" {
		if err := c.advance(); err != nil {
			return nil, err
		}
	}
	return do()
}

// doEnd reads do ... end.
func (c *compiler) doEnd() (stmt, error) {
	if err := c.expect("do"); err != nil {
		return nil, err
	}
	body, err := c.block()
	if err != nil {
		return nil, err
	}
	return func(f *frame) (control, error) { return run(f, body) }, c.expect("end")
}

func (c *compiler) ifStatement() (stmt, error) {
	type branch struct {
		cond *operand
		body []stmt
	}
	var branches []branch
	for {
		cond, err := c.expr()
		if err != nil {
			return nil, err
		}
		if err := c.expect("then"); err != nil {
			return nil, err
		}
		body, err := c.block()
		if err != nil {
			return nil, err
		}
		branches = append(branches, branch{cond, body})
		if ok, err := c.accept("elseif"); err != nil {
			return nil, err
		} else if !ok {
			break
		}
	}
	var rest []stmt
	ok, err := c.accept("else")
	if err != nil {
		return nil, err
	}
	if ok {
		if rest, err = c.block(); err != nil {
			return nil, err
		}
	}
	return func(f *frame) (control, error) {
		for i := range branches {
			b := &branches[i]
			is, err := holds(f, b.cond)
			if err != nil {
				return goOn, err
			}
			if is {
				return run(f, b.body)
			}
		}
		return run(f, rest)
	}, c.expect("end")
}

func holds(f *frame, cond *operand) (bool, error) {
	if err := f.m.Steps(1); err != nil {
		return false, err
	}
	v, err := cond.one(f)
	if err != nil {
		return false, err
	}
	return truth(v)
}

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

func (c *compiler) localStatement() (stmt, error) {
	if ok, err := c.accept("function"); err != nil {
		return nil, err
	} else if ok {
		return c.localFunction()
	}
	var names []string
	for {
		name, err := c.name()
		if err != nil {
			return nil, err
		}
		names = append(names, name)
		if ok, err := c.accept(","); err != nil {
			return nil, err
		} else if !ok {
			break
		}
	}
	var list []*operand
	if ok, err := c.accept("="); err != nil {
		return nil, err
	} else if ok {
		if list, err = c.list(); err != nil {
			return nil, err
		}
	}
	var slots []int
	for _, name := range names { // the expressions do not see them
		slot, err := c.declare(name)
		if err != nil {
			return nil, err
		}
		slots = append(slots, slot)
	}
	all := values(list)
	return func(f *frame) (control, error) {
		got, err := all(f)
		if err == nil {
			f.assign(slots, got)
		}
		return goOn, err
	}, nil
}

func (c *compiler) localFunction() (stmt, error) {
	name, err := c.name()
	if err != nil {
		return nil, err
	}
	slot, err := c.declare(name)
	if err != nil {
		return nil, err
	}
	fn, err := c.function()
	if err != nil {
		return nil, err
	}
	return func(f *frame) (control, error) {
		f.locals[slot] = new(Value)
		v, err := fn.one(f)
		*f.locals[slot] = v
		return goOn, err
	}, nil
}

func (c *compiler) returnStatement() (stmt, error) {
	var list []*operand
	if c.t.kind != tokEnd && !c.is("else") && !c.is("elseif") && !c.is("end") && !c.is("until") && !c.is(";") {
		var err error
		if list, err = c.list(); err != nil {
			return nil, err
		}
	}
	all := values(list)
	return func(f *frame) (control, error) {
		var err error
		f.ret, err = all(f)
		return returned, err
	}, nil
}

// exprStatement is a call or an assignment.
func (c *compiler) exprStatement() (stmt, error) {
	v, err := c.primary()
	if err != nil {
		return nil, err
	}
	if c.is("=") || c.is(",") {
		return c.assignment(v)
	}
	if !v.call {
		return nil, c.unexpected()
	}
	return func(f *frame) (control, error) {
		_, err := v.many(f)
		return goOn, err
	}, nil
}
