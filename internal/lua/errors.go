package lua

import "fmt"

// Refusal says why what a script does cannot be told.
type Refusal struct{ Reason string }

func (r *Refusal) Error() string { return r.Reason }

func refuse(format string, args ...any) error {
	return &Refusal{fmt.Sprintf(format, args...)}
}

// Error is an error of a script, which pcall catches. Its value is mostly
// unknown: the texts of messages differ between servers.
type Error struct{ Value Value }

func (e *Error) Error() string {
	if s, ok := e.Value.(string); ok {
		return s
	}
	return "the script ends with an error"
}

// raise is an error whose message nobody may look at.
func raise() error {
	return &Error{&Unknown{Why: "the text of an error message", Text: true}}
}
