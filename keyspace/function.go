package keyspace

import (
	"bytes"
	"maps"
	"slices"
)

// cmdFunction is FUNCTION LOAD [REPLACE] code, DELETE name, FLUSH [SYNC|ASYNC]
// and RESTORE payload [FLUSH|APPEND|REPLACE].
func cmdFunction(x *Executor, args [][]byte) error {
	ds := x.ds
	switch sub := args[1]; {
	case len(args) < 3 && (equalFold(sub, "LOAD") || equalFold(sub, "DELETE") || equalFold(sub, "RESTORE")),
		len(args) > 3 && equalFold(sub, "DELETE"):
		return &ArityError{Command: "FUNCTION " + subcommand(sub)}
	case equalFold(sub, "LOAD"):
		replace := len(args) == 4 && equalFold(args[2], "REPLACE")
		if len(args) != 3 && !replace {
			return errSyntax
		}
		return ds.addLibrary(args[len(args)-1], replace)
	case equalFold(sub, "DELETE"):
		if _, ok := ds.libraries[string(args[2])]; !ok {
			return ReplyError("ERR Library not found")
		}
		delete(ds.libraries, string(args[2]))
	case equalFold(sub, "FLUSH"):
		clear(ds.libraries)
	case equalFold(sub, "RESTORE"):
		return x.restoreFunctions(args[2], args[3:])
	default:
		return &UnsupportedError{Command: "FUNCTION " + subcommand(sub), Reason: unknownCommand}
	}
	return nil
}

// addLibrary keeps the code of a library under the name that its first line
// gives.
func (d *Dataset) addLibrary(code []byte, replace bool) error {
	name, ok := libraryName(code)
	if !ok {
		return ReplyError("ERR Missing library metadata")
	}
	if _, has := d.libraries[name]; has && !replace {
		return ReplyError("ERR Library '" + name + "' already exists")
	}
	d.libraries[name] = bytes.Clone(code)
	return nil
}

// libraryName finds the name in "#!engine name=NAME".
func libraryName(code []byte) (string, bool) {
	line, _, _ := bytes.Cut(code, []byte("\n"))
	if !bytes.HasPrefix(line, []byte("#!")) {
		return "", false
	}
	for word := range bytes.FieldsSeq(line) {
		if name, ok := bytes.CutPrefix(word, []byte("name=")); ok {
			return string(bytes.Trim(name, `"'`)), len(name) > 0
		}
	}
	return "", false
}

func (x *Executor) restoreFunctions(payload []byte, args [][]byte) error {
	ds := x.ds
	if ds.o.FunctionRestore == nil {
		return &UnsupportedError{Command: "FUNCTION RESTORE", Reason: "nothing is there to decode the payload"}
	}
	codes, err := ds.o.FunctionRestore(payload)
	if err != nil {
		return ReplyError("ERR DUMP payload version or checksum are wrong")
	}
	flush, replace := false, false
	if len(args) > 0 {
		switch {
		case equalFold(args[0], "FLUSH"):
			flush = true
		case equalFold(args[0], "REPLACE"):
			replace = true
		case !equalFold(args[0], "APPEND"):
			return ReplyError("ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.")
		}
	}
	before := maps.Clone(ds.libraries)
	if flush {
		clear(ds.libraries)
	}
	for _, code := range codes {
		if err := ds.addLibrary(code, replace); err != nil {
			ds.libraries = before
			return err
		}
	}
	return nil
}

// sortedLibraries returns the names in order.
func (d *Dataset) sortedLibraries() []string { return slices.Sorted(maps.Keys(d.libraries)) }
