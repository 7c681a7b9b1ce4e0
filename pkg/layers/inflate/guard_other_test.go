//go:build !linux

package inflate_test

import "testing"

func newGuarded(_ testing.TB, n int) *guarded { return &guarded{make([]byte, n)} }
