package verify_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/rdbtool/rdbtool/fixtures"
	"github.com/rdbtool/rdbtool/verify"
)

var levels = []verify.Level{verify.Checksum, verify.Structure, verify.Deep}

// What servers have written is clean at every level, and counts the keys that
// the server had.
func TestCorpusIsClean(t *testing.T) {
	cases, err := fixtures.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.String(), func(t *testing.T) {
			truth, err := c.Truth()
			if err != nil {
				t.Fatal(err)
			}
			for _, level := range levels {
				for _, jobs := range []int{1, 4} {
					r, err := verify.RDB(context.Background(), bytes.NewReader(c.RDB), "dump.rdb", int64(len(c.RDB)), &verify.Options{Level: level, Jobs: jobs})
					if err != nil {
						t.Fatal(err)
					}
					for _, f := range r.Findings {
						t.Errorf("%s, %d jobs: %s: %s", level, jobs, f.Code, f.String())
					}
					if r.Verdict() != verify.OK || !r.Facts.Complete || r.Facts.Bytes != int64(len(c.RDB)) {
						t.Errorf("%s: %s, %+v", level, r.Verdict(), r.Facts)
					}
					if keys := int64(len(truth.Keys)); r.Facts.Keys != keys && !c.OtherRun {
						t.Errorf("%s: %d keys, the server had %d", level, r.Facts.Keys, keys)
					}
				}
			}
		})
	}
	if len(cases) < 50 {
		t.Error(fmt.Sprint("only ", len(cases), " files"))
	}
}
