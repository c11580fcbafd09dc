// Package memory says which keys take a server's memory, by pattern of their
// names, from what lies on disk.
package memory
