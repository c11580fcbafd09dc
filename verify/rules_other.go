package verify

// logRules are those of append-only files.
var logRules = []Rule{}

// expectRules are what a caller expects of a file.
var expectRules = []Rule{}

// signatureRules are those of signed files.
var signatureRules = []Rule{}
