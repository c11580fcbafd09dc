// Package size predicts what a key takes in a server's memory, from what a file
// holds of it: the answer of MEMORY USAGE key SAMPLES 0, and the key's share of
// used_memory_dataset.
//
// The two differ. The command leaves some things out, such as what an allocator
// rounds up for the structs it computes, and counts others twice; the sum of all
// keys' shares is what a server really uses. docs/memory.md tells the rules, by
// release.
//
// What a server draws at random has its mean here: the heights of the nodes of a
// skip list, and which entries share a bucket. Size.Exact tells.
package size
