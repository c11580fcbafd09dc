package rdb

import (
	"github.com/rdbtool/rdbtool/entry"
)

// cronValue is the cursor of KeyDB's cron job, one element:
//
//	str script, ms8 start, ms8 interval, len n, n x str key, len m, m x str argument
type cronValue struct {
	cursor
	job   entry.CronJob
	given bool
}

func (v *cronValue) begin(d *decoder) error {
	v.start(d)
	v.given = false
	v.elem.Cron = &v.job
	d.e.Value, d.e.Len = v, 1
	return nil
}

func (v *cronValue) Next() bool {
	if v.err != nil || v.given {
		return v.end()
	}
	v.given = true
	v.err = v.d.parse(func(p *parser) {
		v.job = entry.CronJob{Script: p.text(), StartAt: int64(p.u64()), IntervalMs: int64(p.u64()), Keys: p.texts(), Args: p.texts()}
	})
	v.index++
	return v.err == nil
}

// maxCronStrings is more keys or arguments than a script can sensibly have.
const maxCronStrings = 1 << 16

// texts reads a length and as many strings.
func (p *parser) texts() (list [][]byte) {
	n := p.length()
	if n > maxCronStrings {
		p.failf("cron job with %d keys or arguments", n)
	}
	for ; n > 0 && p.err == nil; n-- {
		list = append(list, p.text())
	}
	return list
}
