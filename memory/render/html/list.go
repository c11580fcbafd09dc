package html

import "encoding/json"

// list is the first rows of something, as many as there is room for.
type list[T any] struct {
	Rows []json.RawMessage `json:"rows"`
	Left int               `json:"left,omitempty"` // rows for which there was none
}

// room is what a list may take: rows, and bytes of JSON.
type room struct{ rows, bytes int }

// listOf takes the items that there is room for, in their order. row returns
// what is shown of an item.
func listOf[S, T any](items []S, row func(*S) *T, r room) list[T] {
	return listBeside(items, row, func(*T) int { return 0 }, r)
}

// listBeside is listOf where a row takes some of the room elsewhere too.
func listBeside[S, T any](items []S, row func(*S) *T, beside func(*T) int, r room) list[T] {
	l := list[T]{Rows: []json.RawMessage{}}
	for i := range items {
		if i == r.rows {
			break
		}
		x := row(&items[i])
		b := marshal(x)
		if r.bytes -= len(b) + len(",") + beside(x); r.bytes < 0 {
			break
		}
		l.Rows = append(l.Rows, b)
	}
	l.Left = len(items) - len(l.Rows)
	return l
}

// marshal is json.Marshal for what is made of numbers and strings, which cannot
// fail.
func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return b
}
