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
}

// Rules returns all rules, by code.
func Rules() []Rule {
	all := slices.Concat(rdbRules, logRules, expectRules, signatureRules)
	slices.SortFunc(all, func(a, b Rule) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

// RuleOf returns the rule of that code.
func RuleOf(code Code) (Rule, bool) {
	for _, list := range [][]Rule{rdbRules, logRules, expectRules, signatureRules} {
		if i := slices.IndexFunc(list, func(r Rule) bool { return r.Code == code }); i >= 0 {
			return list[i], true
		}
	}
	return Rule{}, false
}

// always is for what no server loads.
func always(*rdb.Target) bool { return true }

// deepCheckers are the servers that look into every value whatever their
// settings say.
func deepCheckers(t *rdb.Target) bool { return t.AtLeastValkey(9, 0) }

// ziplistCheckers are the servers that turn every ziplist into a listpack, and
// look at each of its entries for that.
func ziplistCheckers(t *rdb.Target) bool { return t.AtLeast(7, 0) }
