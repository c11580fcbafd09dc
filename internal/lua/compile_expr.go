package lua

// operand is an expression as compiled, and what may be done with it.
type operand struct {
	one   expr
	many  multi // of a call or ...: all its values
	call  bool
	paren bool // nothing to assign to
	local int  // slot + 1 of a local variable of the function itself
	up    int  // index + 1 of a variable of an outer one
	// An element of a table: which, and of what.
	of, key *operand
	lib     *Lib // a library by its name
	str     *string
	depth   int // of operands within each other
}

// orderly calls eval for a before b, unless a is a local variable: the code of
// Lua looks at these only when it uses them.
func orderly(f *frame, a, b *operand) (x, y Value, err error) {
	if a.local > 0 {
		if y, err = b.one(f); err != nil {
			return nil, nil, err
		}
		x, err = a.one(f)
		return x, y, err
	}
	if x, err = a.one(f); err != nil {
		return nil, nil, err
	}
	y, err = b.one(f)
	return x, y, err
}

func constant(v Value) *operand {
	return &operand{one: func(*frame) (Value, error) { return v, nil }}
}

// binary holds the priorities of operators, left and right.
var binary = map[string][2]int{
	"or": {1, 1}, "and": {2, 2}, "<": {3, 3}, ">": {3, 3}, "<=": {3, 3}, ">=": {3, 3}, "~=": {3, 3}, "==": {3, 3},
	"..": {5, 4}, "+": {6, 6}, "-": {6, 6}, "*": {7, 7}, "/": {7, 7}, "%": {7, 7}, "^": {10, 9},
}

const unaryPriority = 8

func (c *compiler) expr() (*operand, error) { return c.subexpr(0) }

func (c *compiler) subexpr(limit int) (*operand, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.leave()
	var left *operand
	var err error
	if c.is("not") || c.is("-") || c.is("#") {
		op := c.t.text
		if err := c.advance(); err != nil {
			return nil, err
		}
		v, err := c.subexpr(unaryPriority)
		if err != nil {
			return nil, err
		}
		left = unary(op, v)
	} else if left, err = c.simple(); err != nil {
		return nil, err
	}
	for c.t.kind == tokSymbol {
		op := c.t.text
		priority, ok := binary[op]
		if !ok || priority[0] <= limit {
			break
		}
		if err := c.advance(); err != nil {
			return nil, err
		}
		right, err := c.subexpr(priority[1])
		if err != nil {
			return nil, err
		}
		left = combine(op, left, right)
		if err := c.within(left.depth); err != nil {
			return nil, err
		}
	}
	return left, nil
}

// simple reads an expression without operators.
func (c *compiler) simple() (*operand, error) {
	t := c.t
	switch {
	case t.kind == tokNumber:
		return constant(t.num), c.advance()
	case t.kind == tokString:
		v := constant(t.text)
		v.str = &t.text
		return v, c.advance()
	case c.is("nil"):
		return constant(nil), c.advance()
	case c.is("true"):
		return constant(true), c.advance()
	case c.is("false"):
		return constant(false), c.advance()
	case c.is("..."):
		if !c.fn.vararg {
			return nil, refuse("line %d: ... outside of a function that has it", t.line)
		}
		many := func(f *frame) ([]Value, error) {
			return f.varargs, f.m.Steps(int64(len(f.varargs)))
		}
		return &operand{many: many, one: firstOf(many)}, c.advance()
	case c.is("{"):
		return c.table()
	case c.is("function"):
		if err := c.advance(); err != nil {
			return nil, err
		}
		return c.function()
	}
	return c.primary()
}

func firstOf(many multi) expr {
	return func(f *frame) (Value, error) {
		all, err := many(f)
		return first(all), err
	}
}

// primary reads a variable with the calls and keys behind it.
func (c *compiler) primary() (*operand, error) {
	var v *operand
	var err error
	switch {
	case c.t.kind == tokName:
		var s string
		if s, err = c.name(); err == nil {
			v, err = c.variable(s)
		}
	case c.is("("):
		if err := c.advance(); err != nil {
			return nil, err
		}
		if v, err = c.expr(); err == nil {
			// It is one value.
			v = &operand{one: v.one, local: v.local, lib: v.lib, depth: v.depth, paren: true}
			err = c.expect(")")
		}
	default:
		return nil, c.unexpected()
	}
	for err == nil {
		if err := c.within(v.depth); err != nil {
			return nil, err
		}
		switch {
		case c.is("."):
			if err = c.advance(); err == nil {
				var s string
				if s, err = c.name(); err == nil {
					v, err = c.field(v, s)
				}
			}
		case c.is("["):
			v, err = c.bracket(v)
		case c.is(":"):
			v, err = c.method(v)
		case c.is("("), c.is("{"), c.t.kind == tokString:
			v, err = c.call(v)
		default:
			return v, nil
		}
	}
	return nil, err
}

func (c *compiler) variable(s string) (*operand, error) {
	local, i, ok, err := c.fn.find(s)
	if err != nil {
		return nil, err
	}
	switch {
	case ok && local:
		return &operand{local: i + 1, one: func(f *frame) (Value, error) { return *f.locals[i], nil }}, nil
	case ok:
		return &operand{up: i + 1, one: func(f *frame) (Value, error) { return *f.up[i], nil }}, nil
	}
	v, ok := c.env[s]
	if !ok {
		return nil, refuse("the global name %.40s is not known", s)
	}
	o := &operand{one: func(f *frame) (Value, error) { return f.m.env[s], nil }}
	o.lib, _ = v.(*Lib)
	return o, nil
}

func (c *compiler) field(v *operand, s string) (*operand, error) {
	key := constant(s)
	key.str = &s
	return element(v, key)
}

func (c *compiler) bracket(v *operand) (*operand, error) {
	if err := c.advance(); err != nil {
		return nil, err
	}
	key, err := c.expr()
	if err != nil {
		return nil, err
	}
	if err := c.expect("]"); err != nil {
		return nil, err
	}
	return element(v, key)
}

// element is v[key].
func element(v, key *operand) (*operand, error) {
	o := &operand{of: v, key: key, depth: max(v.depth, key.depth) + 1}
	if v.lib != nil && key.str != nil {
		if _, err := v.lib.get(*key.str); err != nil {
			return nil, err
		}
	}
	o.one = func(f *frame) (Value, error) {
		t, k, err := orderly(f, v, key)
		if err != nil {
			return nil, err
		}
		return get(f.m, t, k)
	}
	return o, nil
}

// method is v:name(...).
func (c *compiler) method(v *operand) (*operand, error) {
	if err := c.advance(); err != nil {
		return nil, err
	}
	s, err := c.name()
	if err != nil {
		return nil, err
	}
	args, depth, err := c.arguments()
	if err != nil {
		return nil, err
	}
	many := func(f *frame) ([]Value, error) {
		self, err := v.one(f)
		if err != nil {
			return nil, err
		}
		fn, err := get(f.m, self, s)
		if err != nil {
			return nil, err
		}
		all, err := args(f)
		if err != nil {
			return nil, err
		}
		return f.m.Call(fn, append([]Value{self}, all...))
	}
	return &operand{many: many, one: firstOf(many), call: true, depth: max(v.depth, depth) + 1}, nil
}

func (c *compiler) call(v *operand) (*operand, error) {
	args, depth, err := c.arguments()
	if err != nil {
		return nil, err
	}
	many := func(f *frame) ([]Value, error) {
		fn, err := v.one(f)
		if err != nil {
			return nil, err
		}
		all, err := args(f)
		if err != nil {
			return nil, err
		}
		return f.m.Call(fn, all)
	}
	return &operand{many: many, one: firstOf(many), call: true, depth: max(v.depth, depth) + 1}, nil
}

// arguments reads those of a call. depth is the greatest of theirs.
func (c *compiler) arguments() (args multi, depth int, err error) {
	switch {
	case c.t.kind == tokString:
		s := c.t.text
		return func(*frame) ([]Value, error) { return []Value{s}, nil }, 0, c.advance()
	case c.is("{"):
		v, err := c.table()
		if err != nil {
			return nil, 0, err
		}
		return values([]*operand{v}), v.depth, nil
	case !c.is("("):
		return nil, 0, c.unexpected()
	case c.t.line != c.last:
		return nil, 0, refuse("line %d: a call, or a new statement", c.t.line)
	}
	if err := c.advance(); err != nil {
		return nil, 0, err
	}
	if ok, err := c.accept(")"); ok || err != nil {
		return func(*frame) ([]Value, error) { return nil, nil }, 0, err
	}
	list, err := c.list()
	if err != nil {
		return nil, 0, err
	}
	for _, o := range list {
		depth = max(depth, o.depth)
	}
	return values(list), depth, c.expect(")")
}

// within refuses an expression whose parts are nested too deep.
func (c *compiler) within(depth int) error {
	if depth > maxDepth {
		return refuse("line %d: an expression too long", c.t.line)
	}
	return nil
}

// list reads expressions with commas between them.
func (c *compiler) list() (all []*operand, err error) {
	for {
		v, err := c.expr()
		if err != nil {
			return nil, err
		}
		all = append(all, v)
		if ok, err := c.accept(","); !ok || err != nil {
			return all, err
		}
	}
}

// values evaluates a list; of the last expression all values count.
func values(list []*operand) multi {
	return func(f *frame) ([]Value, error) {
		if err := f.m.Bytes(int64(16 * len(list))); err != nil {
			return nil, err
		}
		all := make([]Value, 0, len(list))
		for i, o := range list {
			if i == len(list)-1 && o.many != nil {
				rest, err := o.many(f)
				if err != nil {
					return nil, err
				}
				if err := f.m.Bytes(int64(16 * len(rest))); err != nil {
					return nil, err
				}
				return append(all, rest...), nil
			}
			v, err := o.one(f)
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
		return all, nil
	}
}
