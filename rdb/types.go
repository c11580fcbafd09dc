package rdb

import (
	"github.com/rdbtool/rdbtool/entry"
)

// The type bytes of value records.
const (
	typeString           = 0
	typeList             = 1
	typeSet              = 2
	typeZSetText         = 3
	typeHash             = 4
	typeZSet             = 5
	typeModulePreGA      = 6
	typeModule           = 7
	typeHashZipmap       = 9
	typeListZiplist      = 10
	typeSetIntset        = 11
	typeZSetZiplist      = 12
	typeHashZiplist      = 13
	typeQuicklist        = 14
	typeStream1          = 15
	typeHashListpack     = 16
	typeZSetListpack     = 17
	typeQuicklist2       = 18
	typeStream2          = 19
	typeSetListpack      = 20
	typeStream3          = 21
	typeHashTTLPreGA     = 22 // Redis
	typeHash2            = 22 // Valkey
	typeHashPackedPreGA  = 23 // Redis
	typePathHash         = 23 // Valkey
	typeHashTTL          = 24
	typeHashListpackTTL  = 25
	typeStream4          = 26
	typeStream5          = 27
	typeArray            = 28
	typeTemplatePacked   = 29 // names in the record
	typeTemplatePackRef  = 30 // names in the registry
	typeTemplateArray    = 31 // names in the record
	typeTemplateArrayRef = 32 // names in the registry
	typeCron             = 64 // KeyDB
)

// layout is how the bytes of a value are arranged.
type layout uint8

const (
	layUnknown    layout = iota
	layString            // str
	layPlain             // len n, n x element: see plainShape
	layPlainMin          // ms8, then as layPlain
	layBlob              // str
	layBlobMin           // ms8, str
	layQuicklist         // len n, n x str
	layQuicklist2        // len n, n x (len, str)
	layStream
	layModule
	layArray
	layTemplate
	layPathHash
	layCron
)

// plainShape is what one element of a plain collection holds: [len] str [str] [tail].
type plainShape struct {
	ttl     bool // a length before the strings: the field's expiry
	strings int
	tail    tail
}

// tail is what follows the strings of an element.
type tail uint8

const (
	tailNone  tail = iota
	tailText       // text double
	tailFloat      // 8 bytes, a double
	tailMs         // 8 bytes, an expiry
)

// packing is the format inside a blob.
type packing uint8

const (
	packNone packing = iota
	packListpack
	packZiplist
	packZipmap
	packIntset
)

// typeInfo is what a type byte means.
type typeInfo struct {
	layout   layout
	typ      entry.Type
	encoding entry.Encoding
	plain    plainShape
	packing  packing
	triples  bool // of a packed hash: field, value, expiry
	version  int  // of a stream record
	// unproven layouts are known from development sources only: no server that
	// writes them was at hand. What does not fit them is unsupported, not
	// corrupt.
	unproven bool
}

var typesOf = [2][256]typeInfo{Redis: redisTypes(), Valkey: valkeyTypes()}

func commonTypes() [256]typeInfo {
	return [256]typeInfo{
		typeString:       {layout: layString, typ: entry.String, encoding: entry.Raw},
		typeList:         {layout: layPlain, typ: entry.List, encoding: entry.LinkedList, plain: plainShape{strings: 1}},
		typeSet:          {layout: layPlain, typ: entry.Set, encoding: entry.Hashtable, plain: plainShape{strings: 1}},
		typeZSetText:     {layout: layPlain, typ: entry.ZSet, encoding: entry.Skiplist, plain: plainShape{strings: 1, tail: tailText}},
		typeHash:         {layout: layPlain, typ: entry.Hash, encoding: entry.Hashtable, plain: plainShape{strings: 2}},
		typeZSet:         {layout: layPlain, typ: entry.ZSet, encoding: entry.Skiplist, plain: plainShape{strings: 1, tail: tailFloat}},
		typeModule:       {layout: layModule, typ: entry.Module, encoding: entry.ModuleEncoding},
		typeHashZipmap:   {layout: layBlob, typ: entry.Hash, encoding: entry.Zipmap, packing: packZipmap},
		typeListZiplist:  {layout: layBlob, typ: entry.List, encoding: entry.Ziplist, packing: packZiplist},
		typeSetIntset:    {layout: layBlob, typ: entry.Set, encoding: entry.Intset, packing: packIntset},
		typeZSetZiplist:  {layout: layBlob, typ: entry.ZSet, encoding: entry.Ziplist, packing: packZiplist},
		typeHashZiplist:  {layout: layBlob, typ: entry.Hash, encoding: entry.Ziplist, packing: packZiplist},
		typeQuicklist:    {layout: layQuicklist, typ: entry.List, encoding: entry.Quicklist, packing: packZiplist},
		typeStream1:      {layout: layStream, typ: entry.Stream, encoding: entry.StreamEncoding, version: 1},
		typeHashListpack: {layout: layBlob, typ: entry.Hash, encoding: entry.Listpack, packing: packListpack},
		typeZSetListpack: {layout: layBlob, typ: entry.ZSet, encoding: entry.Listpack, packing: packListpack},
		typeQuicklist2:   {layout: layQuicklist2, typ: entry.List, encoding: entry.Quicklist, packing: packListpack},
		typeStream2:      {layout: layStream, typ: entry.Stream, encoding: entry.StreamEncoding, version: 2},
		typeSetListpack:  {layout: layBlob, typ: entry.Set, encoding: entry.Listpack, packing: packListpack},
		typeStream3:      {layout: layStream, typ: entry.Stream, encoding: entry.StreamEncoding, version: 3},
	}
}

func redisTypes() [256]typeInfo {
	t := commonTypes()
	withTTL := plainShape{ttl: true, strings: 2}
	t[typeHashTTLPreGA] = typeInfo{layout: layPlain, typ: entry.Hash, encoding: entry.Hashtable, plain: withTTL}
	t[typeHashPackedPreGA] = typeInfo{layout: layBlob, typ: entry.Hash, encoding: entry.Listpack, packing: packListpack, triples: true}
	t[typeHashTTL] = typeInfo{layout: layPlainMin, typ: entry.Hash, encoding: entry.Hashtable, plain: withTTL}
	t[typeHashListpackTTL] = typeInfo{layout: layBlobMin, typ: entry.Hash, encoding: entry.Listpack, packing: packListpack, triples: true}
	t[typeStream4] = typeInfo{layout: layStream, typ: entry.Stream, encoding: entry.StreamEncoding, version: 4}
	t[typeStream5] = typeInfo{layout: layStream, typ: entry.Stream, encoding: entry.StreamEncoding, version: 5, unproven: true}
	t[typeArray] = typeInfo{layout: layArray, typ: entry.Array, encoding: entry.SlicedArray, unproven: true}
	for _, b := range []int{typeTemplatePacked, typeTemplatePackRef} {
		t[b] = typeInfo{layout: layTemplate, typ: entry.Hash, encoding: entry.TemplateListpack, packing: packListpack, unproven: true}
	}
	for _, b := range []int{typeTemplateArray, typeTemplateArrayRef} {
		t[b] = typeInfo{layout: layTemplate, typ: entry.Hash, encoding: entry.TemplateArray, unproven: true}
	}
	t[typeCron] = typeInfo{layout: layCron, typ: entry.Cron, encoding: entry.EncodingUnknown, unproven: true}
	return t
}

func valkeyTypes() [256]typeInfo {
	t := commonTypes()
	t[typeHash2] = typeInfo{layout: layPlain, typ: entry.Hash, encoding: entry.Hashtable, plain: plainShape{strings: 2, tail: tailMs}}
	t[typePathHash] = typeInfo{layout: layPathHash, typ: entry.PathHash, encoding: entry.Hashtable, unproven: true}
	return t
}
