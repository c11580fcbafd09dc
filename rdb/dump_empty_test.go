package rdb

import "testing"

// TestEmptyFunctionDump: FUNCTION DUMP of a server without functions is a footer
// alone, and FUNCTION RESTORE takes it. As the payload of a key it is damage.
func TestEmptyFunctionDump(t *testing.T) {
	payload := []byte("\n\x00]\x9b\\@\x0f\x7f\xa2\xda") // of Redis 7.0
	if codes, err := DecodeFunctions(payload); err != nil || len(codes) != 0 {
		t.Errorf("%q, %v", codes, err)
	}
	if e, err := NewDumpDecoder(nil).Decode(payload); err == nil {
		t.Errorf("decodes to %v", e)
	}
}
