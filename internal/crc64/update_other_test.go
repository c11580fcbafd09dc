//go:build !amd64 || purego

package crc64

func archMethods() []method { return nil }
