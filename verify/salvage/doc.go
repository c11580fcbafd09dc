// Package salvage finds in a damaged RDB file the records that are whole, and
// makes a file of them.
//
//	File(damaged) ---> Salvaged ---> RDB()         what is kept, as a clean file
//	                            \--> Quarantine()  the damaged bytes
//	                            \--> Report        keys kept and lost, spans, how sure that is
//
// A record is believed in by evidence: how improbable it is that other bytes
// would read like that. In noise of any length nothing is found. See "How a
// damaged file is salvaged" in docs/design.md.
package salvage
