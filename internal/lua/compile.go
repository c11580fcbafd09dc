package lua

// Program is a script that has been compiled.
type Program struct{ main *proto }

// The limits of Lua 5.1 on what is compiled.
const (
	maxLocals   = 200
	maxUpvalues = 60
	maxNested   = 190
	maxDepth    = 250       // ours, of an expression
	maxText     = 256 << 10 // ours
)

// compiler reads a script. After an error it reads on no further.
type compiler struct {
	lex    lexer
	t      token
	ahead  *token
	last   int // line of the token before t
	env    Env
	fn     *function
	nested int
}

// function is one that is being compiled.
type function struct {
	outer  *function
	vararg bool
	active []string // names of the local variables that can be seen, by slot
	slots  int
	ups    []capture
	names  []string // of ups
	loops  int
}

// Compile reads a script. Every global name that it uses must be in env, and so
// must what it takes from a library there. A script that is not understood is a
// *Refusal.
func Compile(text string, env Env) (*Program, error) {
	if len(text) > maxText {
		return nil, refuse("a script of more than %d bytes", maxText)
	}
	c := &compiler{lex: lexer{s: text, line: 1}, env: env}
	if err := c.advance(); err != nil {
		return nil, err
	}
	c.fn = &function{}
	body, err := c.block()
	if err != nil {
		return nil, err
	}
	if c.t.kind != tokEnd {
		return nil, c.unexpected()
	}
	return &Program{&proto{slots: c.fn.slots, body: body}}, nil
}

func (c *compiler) advance() (err error) {
	c.last = c.t.line
	if c.ahead != nil {
		c.t, c.ahead = *c.ahead, nil
		return nil
	}
	c.t, err = c.lex.next()
	return err
}

// lookahead returns the token behind t.
func (c *compiler) lookahead() (token, error) {
	if c.ahead == nil {
		t, err := c.lex.next()
		if err != nil {
			return t, err
		}
		c.ahead = &t
	}
	return *c.ahead, nil
}

func (c *compiler) unexpected() error {
	if c.t.kind == tokEnd {
		return refuse("line %d: the script ends too early", c.t.line)
	}
	return refuse("line %d: %.20q is not expected", c.t.line, c.t.text)
}

func (c *compiler) is(text string) bool { return c.t.kind == tokSymbol && c.t.text == text }

// accept passes over a symbol if it is there.
func (c *compiler) accept(text string) (bool, error) {
	if !c.is(text) {
		return false, nil
	}
	return true, c.advance()
}

func (c *compiler) expect(text string) error {
	if !c.is(text) {
		return c.unexpected()
	}
	return c.advance()
}

func (c *compiler) name() (string, error) {
	if c.t.kind != tokName {
		return "", c.unexpected()
	}
	s := c.t.text
	return s, c.advance()
}

// enter counts how deep the script is nested.
func (c *compiler) enter() error {
	if c.nested++; c.nested > maxNested {
		return refuse("line %d: the script is nested too deep", c.t.line)
	}
	return nil
}

func (c *compiler) leave() { c.nested-- }

// declare makes a local variable visible, and returns its slot.
func (c *compiler) declare(name string) (int, error) {
	f := c.fn
	f.active = append(f.active, name)
	if len(f.active) > maxLocals {
		return 0, refuse("line %d: more than %d local variables", c.t.line, maxLocals)
	}
	f.slots = max(f.slots, len(f.active))
	return len(f.active) - 1, nil
}

// scope compiles something whose local variables end with it.
func (c *compiler) scope(do func() ([]stmt, error)) ([]stmt, error) {
	n := len(c.fn.active)
	body, err := do()
	c.fn.active = c.fn.active[:n]
	return body, err
}

// find looks for a variable: of the function, or of one around it.
func (f *function) find(name string) (local bool, index int, ok bool, err error) {
	for i := len(f.active) - 1; i >= 0; i-- {
		if f.active[i] == name {
			return true, i, true, nil
		}
	}
	if f.vararg && name == "arg" { // a table that Lua makes
		return false, 0, false, refuse("the variable arg of a function with ...")
	}
	for i, n := range f.names {
		if n == name {
			return false, i, true, nil
		}
	}
	if f.outer == nil {
		return false, 0, false, nil
	}
	local, index, ok, err = f.outer.find(name)
	if err != nil || !ok {
		return false, 0, false, err
	}
	if len(f.ups) == maxUpvalues {
		return false, 0, false, refuse("more than %d variables of outer functions", maxUpvalues)
	}
	f.ups, f.names = append(f.ups, capture{local, index}), append(f.names, name)
	return false, len(f.ups) - 1, true, nil
}
