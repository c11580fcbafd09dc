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
	{Code: CodeLogFormat, Severity: Error, Title: "bytes that are no command where one is due", Refused: always},
	{Code: CodeLogZeroBytes, Severity: Error, Title: "zero bytes where a command is due, as a power cut leaves them", Refused: always},
	{Code: CodeLogTail, Severity: Error, Title: "the last file ends inside a command"},
	{Code: CodeLogNotLast, Severity: Error, Title: "a file that others follow ends inside a command or a transaction", Refused: always},
	{Code: CodeLogLineEnd, Severity: Error, Title: "a line or an argument ends with other bytes than it should"},
	{Code: CodeLogAnnotation, Severity: Error, Title: "a line between commands is too long", Refused: always},
	{Code: CodeLogTooLarge, Severity: Error, Title: "a command is larger than rdbtool takes"},

	{Code: CodeLogArity, Severity: Error, Title: "a command with a number of arguments that it cannot have", Refused: always},
	{Code: CodeLogUnknown, Severity: Warning, Title: "a command that no server has without a module", Refused: always},
	{Code: CodeLogSelect, Severity: Error, Title: "SELECT of no database number"},
	{Code: CodeLogDatabase, Severity: Warning, Title: "SELECT of a database that servers have only with another setting than the default"},
	{Code: CodeLogTime, Severity: Warning, Title: "a timestamp that is earlier than the one before it"},

	{Code: CodeLogMulti, Severity: Error, Title: "MULTI inside a transaction"},
	{Code: CodeLogExec, Severity: Error, Title: "EXEC or DISCARD outside of a transaction"},
	{Code: CodeLogOpen, Severity: Error, Title: "the last file ends inside a transaction"},
	{Code: CodeLogOrphan, Severity: Error, Title: "a server has gone on behind a MULTI that has no EXEC: it loses all of that when it starts again"},

	{Code: CodeLogEmpty, Severity: Warning, Title: "nothing is in the files: a server starts with an empty data set"},
	{Code: CodeLogUnlisted, Severity: Warning, Title: "a file of the log that the manifest does not list: servers do not look at it"},
	{Code: CodeLogHistory, Severity: Notice, Title: "files of before a rewrite, which a server deletes when it starts"},
	{Code: CodeLogNoManifest, Severity: Error, Title: "files of a log without a manifest: a server starts with an empty data set"},
	{Code: CodeLogOnlySnapshot, Severity: Warning, Title: "a snapshot alone, which a server with appendonly yes does not read"},
	{Code: CodeLogSeveral, Severity: Error, Title: "a folder with several manifests: the name in the setting of the server tells which one counts"},
	{Code: CodeManifestEmpty, Severity: Error, Title: "a manifest that lists no file", Refused: multiPart},
	{Code: CodeManifestLine, Severity: Error, Title: "a line of a manifest is not of the form that servers read", Refused: multiPart},
	{Code: CodeManifestName, Severity: Error, Title: "a file in a manifest that is not one of the same folder", Refused: multiPart},
	{Code: CodeManifestSeq, Severity: Error, Title: "a sequence in a manifest that is no number above 0", Refused: multiPart},
	{Code: CodeManifestType, Severity: Error, Title: "an unknown type of file in a manifest", Refused: multiPart},
	{Code: CodeManifestBase, Severity: Error, Title: "a manifest with two base files", Refused: multiPart},
	{Code: CodeManifestOrder, Severity: Error, Title: "the sequences of incr files in a manifest do not ascend", Refused: multiPart},
	{Code: CodeManifestTwice, Severity: Error, Title: "a file stands twice in a manifest"},
	{Code: CodeManifestMissing, Severity: Error, Title: "a file that the manifest lists is not there", Refused: multiPart},
}
