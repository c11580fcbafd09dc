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
