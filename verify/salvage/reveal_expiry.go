package salvage

import (
	"context"
	"encoding/binary"

	"github.com/rdbtool/rdbtool/rdb"
)

// byExpiries returns a record that ends where the expiry of the next key does, if fewer keys
// expire than are announced, or before an expiry that no client means, if more do.
//
//	|--wrong length--------------|
//	|--value------------| FC at(8) | type key value
//	|--value ~~~ FC ~~ ~~ ~~ ~~ ~~ | type key value
//	|--wrong length--|
func (s *salvage) byExpiries(ctx context.Context, all map[int]*census, damaged bool) (at int64, ok bool, err error) {
	differs := some(all, func(c *census) bool { return c.told && c.expires != int64(c.due.Expires) })
	if s.checked != rdb.ChecksumBad && !damaged && !differs {
		return 0, false, nil
	}
	return s.eachLoose(ctx, func(r *rdb.Record, st rdb.State, before int64) (bool, error) {
		c := all[st.DB()]
		switch told := c != nil && c.told; {
		case told && c.expires == int64(c.due.Expires):
			return false, nil
		case told && c.expires > int64(c.due.Expires):
			next, err := s.sc.p.At(r.End, st)
			return err == nil && next.Kind == rdb.KeyRecord && !meant(next.ExpireAt), nil
		}
		return s.sc.endsInExpiry(r, st), nil
	})
}

// endsInExpiry reports whether r ends with the expiry of the next record: its last length
// is wrong by that much.
//
//	value ... FC at(8) | type key value
func (s *scan) endsInExpiry(r *rdb.Record, st rdb.State) bool {
	if r.End-expiryBytes <= r.Bare {
		return false
	}
	end := r.End
	b := s.p.Bytes(end-expiryBytes, expiryBytes)
	if len(b) < expiryBytes || b[0] != opExpireMs || !meant(int64(binary.LittleEndian.Uint64(b[1:]))) {
		return false
	}
	next, err := s.p.At(end-expiryBytes, st)
	return err == nil && next.Kind == rdb.KeyRecord && next.Bare == end && s.ev.keep(&next).bits >= sureBits/2
}
