// Package entry is the model that every other package of rdbtool speaks: one
// key of a data set with its metadata and its value, whatever file it came
// from.
//
// A source gives entries one at a time. An entry's value is a forward cursor
// over its elements, so a hash of five gigabytes costs as little memory as one
// of five fields:
//
//	for e.Value.Next() {
//		elem := e.Value.Elem()
//		fmt.Printf("%s = %s\n", elem.Data, elem.Value)
//	}
//	if err := e.Value.Err(); err != nil {
//		return err
//	}
//
// Every byte slice that an entry or an element holds is borrowed: it is valid
// until the next call of the Next that delivered it, and it must not be
// changed. Clone keeps a copy. A value may be left unread or half read; the
// source skips the rest.
//
// The package holds data and errors only. It parses nothing, writes nothing
// and decides nothing.
package entry
