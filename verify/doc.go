// Package verify tells whether files would come back: what is wrong with an RDB
// file or an append-only file, down to single elements, and which servers load
// it.
//
//	RDB(file) ---> records ---> Finding, Finding ...
//	                              |
//	Log(files) --> commands --> Report ---> Verdict, Load(target), expectations
//
// A finding has a code that names the broken rule (see Rules), a severity, and
// the place: file, offset, database, key, construct, element. Reading goes on
// behind damage wherever what follows can be told, so a report lists all
// findings and not the first alone. Damage is never an error of these functions;
// errors are what the disk says, and the end of the context.
//
// Nothing here changes a file, or prints.
package verify
