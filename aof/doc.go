// Package aof reads and writes append-only files: the commands that changed a
// data set, in the order in which they did.
//
//	folder   manifest ---> base file, incr files
//	file     [RDB part] | command | command | #TS: line | command ...
//	command  *2\r\n$4\r\nINCR\r\n$1\r\nn\r\n
//
// Reader gives the commands of one file, Log those of all files that a server
// would load, Manifest the list of these files. Encoder turns entries into
// commands, in the form of a server's own rewrite:
//
//	r := aof.NewReader(f, &aof.Options{Name: "appendonly.aof"})
//	for {
//		c, err := r.Next()
//		if err == io.EOF {
//			break
//		}
//		if err != nil {
//			return err
//		}
//		fmt.Printf("%d %s\n", c.Offset, c.Args[0])
//	}
//
// The arguments of a command are borrowed until the next call of Next. Damage
// is an *entry.CorruptError with the offset in the file; errors.Is tells by the
// variables of this package what it is.
//
// Nothing here carries commands out.
package aof
