package keyspace

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestDict does random work on a dict and on a map.
func TestDict(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	type value struct {
		data   string
		expire int64
		object any
	}
	d, model := &dict{}, map[string]value{}
	text := func(n int) []byte { return bytes.Repeat([]byte{byte('a' + r.IntN(26))}, n) }
	key := func() []byte {
		k := fmt.Appendf(nil, "key:%d", r.IntN(3000))
		if r.IntN(50) == 0 {
			k = append(bytes.Repeat([]byte("long"), 20000), k[:5]...)
		}
		return k
	}
	size := func() int {
		switch r.IntN(300) {
		case 0:
			return r.IntN(600 << 10)
		case 1, 2, 3:
			return r.IntN(10000)
		}
		return r.IntN(100)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 100000 {
		k := key()
		v, ok := model[string(k)]
		at := d.find(k)
		if at >= 0 != ok {
			t.Fatalf("%.20q: found %v, want %v", k, at >= 0, ok)
		}
		if !ok {
			v = value{data: string(text(size())), expire: int64(r.IntN(5)) - 1}
			at, err := d.insert(3, k, v.expire, len(v.data))
			must(err)
			copy(d.block(at).value(), v.data)
			model[string(k)] = v
			continue
		}
		b := d.block(at)
		if got := b.value(); v.object == nil && string(got) != v.data || b.expireAt() != v.expire || b.typ() != 3 || !bytes.Equal(b.key(), k) ||
			v.object != nil && d.object(at) != v.object {
			t.Fatalf("%.20q: %.40q %d, want %.40q %d", k, got, b.expireAt(), v.data, v.expire)
		}
		switch r.IntN(6) {
		case 0:
			d.remove(at)
			delete(model, string(k))
			continue
		case 1:
			v.expire = int64(r.IntN(5)) - 1
			must(d.setExpireAt(at, v.expire))
		case 2:
			must(d.takeObject(at))
			v.data, v.object = string(text(size())), nil
			must(d.setValue(at, []byte(v.data)))
		case 3:
			if v.object != nil {
				break
			}
			off := r.IntN(len(v.data) + 1)
			del := r.IntN(len(v.data) - off + 1)
			ins := text(size())
			room, err := d.splice(at, off, del, len(ins))
			must(err)
			copy(room, ins)
			v.data = v.data[:off] + string(ins) + v.data[off+del:]
		case 4:
			v.object = &struct{ int }{r.IntN(1000)}
			must(d.setObject(at, v.object))
		}
		model[string(k)] = v
	}
	n := 0
	d.each(func(b block) bool {
		if _, ok := model[string(b.key())]; !ok {
			t.Errorf("%.20q is there", b.key())
		}
		n++
		return true
	})
	if n != len(model) || d.n != n {
		t.Errorf("%d blocks, %d keys, want %d", n, d.n, len(model))
	}
	t.Logf("%d keys, %d bytes in use, %d free, %d slabs", d.n, d.blocks, d.freed, len(d.slabs))
}

func TestClasses(t *testing.T) {
	for n := 1; n <= maxClassed; n++ {
		c := classOf(n)
		if size := classSize(c); size < n || size%8 != 0 || c > 0 && classSize(c-1) >= n || int(c) >= numClasses {
			t.Fatalf("%d bytes: class %d of %d", n, c, size)
		}
	}
}
