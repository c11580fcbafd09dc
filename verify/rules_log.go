package verify

import "github.com/rdbtool/rdbtool/rdb"

// The codes of append-only files.
const (
	// Bytes.
	CodeLogFormat     Code = "aof-format"
	CodeLogZeroBytes  Code = "aof-zero-bytes"
	CodeLogTail       Code = "aof-torn-tail"
	CodeLogNotLast    Code = "aof-torn-not-last"
	CodeLogLineEnd    Code = "aof-line-end"
	CodeLogAnnotation Code = "aof-annotation"
	CodeLogTooLarge   Code = "aof-command-size"

	// Commands.
	CodeLogArity    Code = "aof-arity"
	CodeLogUnknown  Code = "aof-unknown-command"
	CodeLogSelect   Code = "aof-select"
	CodeLogDatabase Code = "aof-database"
	CodeLogTime     Code = "aof-timestamp"

	// Transactions.
	CodeLogMulti  Code = "aof-nested-multi"
	CodeLogExec   Code = "aof-exec"
	CodeLogOpen   Code = "aof-open-multi"
	CodeLogOrphan Code = "aof-orphan-multi"

	// The files together.
	CodeLogEmpty        Code = "aof-empty"
	CodeLogUnlisted     Code = "aof-unlisted-file"
	CodeLogHistory      Code = "aof-history"
	CodeLogNoManifest   Code = "aof-no-manifest"
	CodeLogOnlySnapshot Code = "aof-only-snapshot"
	CodeLogSeveral      Code = "aof-several-manifests"
	CodeManifestEmpty   Code = "manifest-empty"
	CodeManifestLine    Code = "manifest-line"
	CodeManifestName    Code = "manifest-name"
	CodeManifestSeq     Code = "manifest-sequence"
	CodeManifestType    Code = "manifest-type"
	CodeManifestBase    Code = "manifest-two-bases"
	CodeManifestOrder   Code = "manifest-order"
	CodeManifestTwice   Code = "manifest-twice"
	CodeManifestMissing Code = "manifest-missing-file"
)

// multiPart are the servers that read manifests.
func multiPart(t *rdb.Target) bool { return t.AtLeast(7, 0) }

// logRules are those of append-only files. What servers do was tried on Redis 6.2
// to 8.0 and Valkey 8.1 and 9.1, with their default settings: a torn tail is cut
// (aof-load-truncated yes).
var logRules = []Rule{
	{CodeLogFormat, Error, "bytes that are no command where one is due", always},
	{CodeLogZeroBytes, Error, "zero bytes where a command is due, as a power cut leaves them", always},
	{CodeLogTail, Error, "the last file ends inside a command", nil},
	{CodeLogNotLast, Error, "a file that others follow ends inside a command or a transaction", always},
	{CodeLogLineEnd, Error, "a line or an argument ends with other bytes than it should", nil},
	{CodeLogAnnotation, Error, "a line between commands is too long", always},
	{CodeLogTooLarge, Error, "a command is larger than rdbtool takes", nil},

	{CodeLogArity, Error, "a command with a number of arguments that it cannot have", always},
	{CodeLogUnknown, Warning, "a command that no server has without a module", always},
	{CodeLogSelect, Error, "SELECT of no database number", nil},
	{CodeLogDatabase, Warning, "SELECT of a database that servers have only with another setting than the default", nil},
	{CodeLogTime, Warning, "a timestamp that is earlier than the one before it", nil},

	{CodeLogMulti, Error, "MULTI inside a transaction", nil},
	{CodeLogExec, Error, "EXEC or DISCARD outside of a transaction", nil},
	{CodeLogOpen, Error, "the last file ends inside a transaction", nil},
	{CodeLogOrphan, Error, "a server has gone on behind a MULTI that has no EXEC: it loses all of that when it starts again", nil},

	{CodeLogEmpty, Warning, "nothing is in the files: a server starts with an empty data set", nil},
	{CodeLogUnlisted, Warning, "a file of the log that the manifest does not list: servers do not look at it", nil},
	{CodeLogHistory, Notice, "files of before a rewrite, which a server deletes when it starts", nil},
	{CodeLogNoManifest, Error, "files of a log without a manifest: a server starts with an empty data set", nil},
	{CodeLogOnlySnapshot, Warning, "a snapshot alone, which a server with appendonly yes does not read", nil},
	{CodeLogSeveral, Error, "a folder with several manifests: the name in the setting of the server tells which one counts", nil},
	{CodeManifestEmpty, Error, "a manifest that lists no file", multiPart},
	{CodeManifestLine, Error, "a line of a manifest is not of the form that servers read", multiPart},
	{CodeManifestName, Error, "a file in a manifest that is not one of the same folder", multiPart},
	{CodeManifestSeq, Error, "a sequence in a manifest that is no number above 0", multiPart},
	{CodeManifestType, Error, "an unknown type of file in a manifest", multiPart},
	{CodeManifestBase, Error, "a manifest with two base files", multiPart},
	{CodeManifestOrder, Error, "the sequences of incr files in a manifest do not ascend", multiPart},
	{CodeManifestTwice, Error, "a file stands twice in a manifest", nil},
	{CodeManifestMissing, Error, "a file that the manifest lists is not there", multiPart},
}
