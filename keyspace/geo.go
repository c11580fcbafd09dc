package keyspace

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/rdbtool/rdbtool/internal/fpconv"
	"github.com/rdbtool/rdbtool/internal/geohash"
)

// cmdGeoAdd is GEOADD key [NX|XX] [CH] longitude latitude member ..., which
// servers log as ZADD.
func cmdGeoAdd(x *Executor, args [][]byte) error {
	var o zaddOptions
	rest := args[2:]
options:
	for ; len(rest) > 0; rest = rest[1:] {
		switch {
		case equalFold(rest[0], "NX"):
			o.nx = true
		case equalFold(rest[0], "XX"):
			o.xx = true
		case equalFold(rest[0], "CH"):
		default:
			break options
		}
	}
	if len(rest) == 0 || len(rest)%3 != 0 || o.nx && o.xx {
		return errSyntax
	}
	var pairs [][]byte
	for ; len(rest) > 0; rest = rest[3:] {
		lon, lat, err := place(rest[0], rest[1])
		if err != nil {
			return err
		}
		score, _ := geohash.Encode(lon, lat)
		pairs = append(pairs, strconv.AppendInt(nil, int64(score), 10), rest[2])
	}
	return x.addScores(args[1], pairs, o)
}

// place reads a longitude and a latitude.
func place(a, b []byte) (lon, lat float64, err error) {
	lon, okLon := fpconv.ParseDouble(a)
	lat, okLat := fpconv.ParseDouble(b)
	if !okLon || !okLat {
		return 0, 0, errNotFloat
	}
	if _, ok := geohash.Encode(lon, lat); !ok {
		return 0, 0, ReplyError("ERR invalid longitude,latitude pair " + string(a) + "," + string(b))
	}
	return lon, lat, nil
}

// geoSearch is a search whose result is stored.
type geoSearch struct {
	src, dst      []byte
	member        []byte // where the middle is, or
	lon, lat      float64
	middle        bool    // lon and lat are given
	radius        float64 // in units, or
	width, height float64
	shape         byte // 'r'adius, 'b'ox, 0: none given
	unit          float64
	count         int64
	any, distance bool
	order         int // 1 ascending, -1 descending, 0 none
}

// cmdGeoRadius is GEORADIUS key longitude latitude radius unit [options] and
// GEORADIUSBYMEMBER key member radius unit [options].
func cmdGeoRadius(x *Executor, args [][]byte) error {
	s := geoSearch{src: args[1], shape: 'r'}
	rest := args[2:]
	if len(args[0]) == len("GEORADIUS") {
		var err error
		if s.lon, s.lat, err = place(rest[0], rest[1]); err != nil {
			return err
		}
		s.middle, rest = true, rest[2:]
	} else {
		s.member, rest = rest[0], rest[1:]
	}
	if err := s.sizes(rest[:2]); err != nil {
		return err
	}
	if err := s.options(rest[2:], false); err != nil {
		return err
	}
	if s.dst == nil {
		return nil
	}
	return x.geoStore(&s)
}

// cmdGeoSearchStore is GEOSEARCHSTORE destination source FROMMEMBER member |
// FROMLONLAT longitude latitude BYRADIUS radius unit | BYBOX width height unit
// [options].
func cmdGeoSearchStore(x *Executor, args [][]byte) error {
	s := geoSearch{dst: args[1], src: args[2]}
	if err := s.options(args[3:], true); err != nil {
		return err
	}
	if s.shape == 0 || !s.middle && s.member == nil {
		return errSyntax
	}
	return x.geoStore(&s)
}

// sizes reads a radius, or a width and a height, and the unit.
func (s *geoSearch) sizes(args [][]byte) error {
	n := len(args) - 1
	if s.unit = geohash.Unit(string(bytes.ToLower(args[n]))); s.unit == 0 {
		return ReplyError("ERR unsupported unit provided. please use M, KM, FT, MI")
	}
	var sizes [2]float64
	for i, a := range args[:n] {
		f, ok := fpconv.ParseDouble(a)
		if !ok {
			return ReplyError("ERR need numeric radius")
		}
		if f < 0 {
			return ReplyError("ERR radius cannot be negative")
		}
		sizes[i] = f
	}
	if n == 1 {
		s.radius = sizes[0]
	} else {
		s.width, s.height = sizes[0], sizes[1]
	}
	return nil
}

func (s *geoSearch) options(args [][]byte, search bool) (err error) {
	for i := 0; i < len(args); i++ {
		left := len(args) - i - 1
		switch a := args[i]; {
		case equalFold(a, "WITHDIST"), equalFold(a, "WITHHASH"), equalFold(a, "WITHCOORD"):
		case equalFold(a, "ASC"):
			s.order = 1
		case equalFold(a, "DESC"):
			s.order = -1
		case equalFold(a, "ANY"):
			s.any = true
		case equalFold(a, "COUNT") && left >= 1:
			if s.count, err = intArg(args[i+1]); err != nil {
				return err
			}
			if s.count <= 0 {
				return ReplyError("ERR COUNT must be > 0")
			}
			i++
		case search && equalFold(a, "STOREDIST"):
			s.distance = true
		case !search && left >= 1 && (equalFold(a, "STORE") || equalFold(a, "STOREDIST")):
			s.dst, s.distance = args[i+1], len(a) > len("STORE")
			i++
		case search && equalFold(a, "FROMMEMBER") && left >= 1 && !s.middle && s.member == nil:
			s.member = args[i+1]
			i++
		case search && equalFold(a, "FROMLONLAT") && left >= 2 && !s.middle && s.member == nil:
			if s.lon, s.lat, err = place(args[i+1], args[i+2]); err != nil {
				return err
			}
			s.middle = true
			i += 2
		case search && s.shape == 0 && (equalFold(a, "BYRADIUS") && left >= 2 || equalFold(a, "BYBOX") && left >= 3):
			n := 2
			if s.shape = 'r'; len(a) == len("BYBOX") {
				s.shape, n = 'b', 3
			}
			if err := s.sizes(args[i+1 : i+1+n]); err != nil {
				return err
			}
			i += n
		default:
			return errSyntax
		}
	}
	if s.any && s.count == 0 {
		return ReplyError("ERR the ANY argument requires COUNT argument")
	}
	return nil
}

// found is a place that a search has found.
type found struct {
	scored
	metres float64
}

func (x *Executor) geoStore(s *geoSearch) error {
	src, err := x.zset(s.src, false)
	if err != nil {
		return err
	}
	var all []found
	if src.ok() {
		if s.member != nil {
			score, ok := src.score(s.member)
			if !ok {
				return ReplyError("ERR could not decode requested zset member")
			}
			s.lon, s.lat = geohash.Decode(score)
		}
		if s.lon >= geohash.MaxLon || s.lat >= geohash.MaxLat {
			return &UnsupportedError{Command: string(x.name), Reason: "what servers find around the end of the scale is not known"}
		}
		src.scores(func(m scored) bool {
			if m.score < 0 || m.score >= geohash.Limit {
				return true // no place, and in none of the ranges that servers look into
			}
			lon, lat := geohash.Decode(m.score)
			metres, ok := s.holds(lon, lat)
			if ok {
				all = append(all, found{scored{bytes.Clone(m.member), m.score}, metres})
			}
			return true
		})
	}
	if len(all) > 0 && !s.covered() {
		return &UnsupportedError{Command: string(x.name), Reason: "servers do not find all that is in a range near to a pole"}
	}
	if s.count > 0 && int64(len(all)) > s.count {
		if s.any {
			return &UnsupportedError{Command: string(x.name), Reason: "which places the server met first is not known"}
		}
		slices.SortStableFunc(all, func(a, b found) int {
			c := cmp.Or(cmp.Compare(a.metres, b.metres), compareScored(a.scored, b.scored))
			if s.order < 0 {
				return -c
			}
			return c
		})
		if a, b := all[s.count-1], all[s.count]; a.metres == b.metres {
			return &UnsupportedError{Command: string(x.name), Reason: "which of several places at the same distance the server took is not known"}
		}
		all = all[:s.count]
	}
	z := &sortedSet{}
	for _, f := range all {
		score := f.score
		if s.distance {
			score = f.metres / s.unit
		}
		if err := z.set(f.member, score); err != nil {
			return err
		}
	}
	dst := x.lookup(s.dst)
	return dst.takeScores(z)
}

// holds returns the distance of a place from the middle, if it is found.
func (s *geoSearch) holds(lon, lat float64) (metres float64, ok bool) {
	if s.shape == 'b' {
		return geohash.InBox(s.width*s.unit, s.height*s.unit, s.lon, s.lat, lon, lat)
	}
	return geohash.InCircle(s.radius*s.unit, s.lon, s.lat, lon, lat)
}

// covered reports whether servers find all that is in the range.
func (s *geoSearch) covered() bool {
	if s.shape == 'b' {
		width, height := s.width*s.unit/2, s.height*s.unit/2
		return geohash.Covered(s.lat, width, height, math.Hypot(width, height))
	}
	r := s.radius * s.unit
	return geohash.Covered(s.lat, r, r, r)
}
