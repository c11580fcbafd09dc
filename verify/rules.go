package verify

import (
	"cmp"
	"slices"

	"github.com/rdbtool/rdbtool/rdb"
)

// Rule is what a Code stands for.
type Rule struct {
	Code     Code
	Severity Severity // of its findings, unless one says otherwise
	Title    string
	// Refused reports whether a server of that release refuses to load a file
	// of which the rule does not hold. nil: it loads the file all the same.
	Refused func(t *rdb.Target) bool
	// Subject tells what kinds of files the rule is about.
	Subject Subject
}

// Subject is what a rule is about.
type Subject string

// The subjects.
const (
	SubjectRDB       Subject = "rdb" // RDB files, and RDB parts of append-only files
	SubjectLog       Subject = "aof"
	SubjectExpected  Subject = "expectation"
	SubjectSignature Subject = "signature"
)

// subjects are the rules by what they are about.
var subjects = []struct {
	subject Subject
	rules   []Rule
}{
	{SubjectRDB, rdbRules}, {SubjectLog, logRules}, {SubjectExpected, expectRules}, {SubjectSignature, signatureRules},
}

// Rules returns all rules, by code.
func Rules() []Rule {
	var all []Rule
	for _, s := range subjects {
		for _, r := range s.rules {
			r.Subject = s.subject
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b Rule) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

// RuleOf returns the rule of that code.
func RuleOf(code Code) (Rule, bool) {
	for _, s := range subjects {
		if i := slices.IndexFunc(s.rules, func(r Rule) bool { return r.Code == code }); i >= 0 {
			r := s.rules[i]
			r.Subject = s.subject
			return r, true
		}
	}
	return Rule{}, false
}

// always is for what no server loads.
func always(*rdb.Target) bool { return true }

// deepCheckers are the servers that look into every value whatever their
// settings say.
func deepCheckers(t *rdb.Target) bool { return t.AtLeastValkey(9, 0) }

// redisFrom86 are the releases of Redis from 8.6 on.
func redisFrom86(t *rdb.Target) bool { return t.AtLeast(8, 6) }

func not(servers func(*rdb.Target) bool) func(*rdb.Target) bool {
	return func(t *rdb.Target) bool { return !servers(t) }
}

// ziplistCheckers are the servers that turn every ziplist into a listpack, and
// look at each of its entries for that.
func ziplistCheckers(t *rdb.Target) bool { return t.AtLeast(7, 0) }
