package verify

// CodeManifest is for the manifest of an append-only file.
const CodeManifest Code = "aof-manifest"

// logRules are those of append-only files.
var logRules = []Rule{
	{CodeManifest, Error, "the manifest is wrong, or a file that it lists is not there", always},
}

// signatureRules are those of signed files.
var signatureRules = []Rule{}
