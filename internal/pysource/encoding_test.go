package pysource

import (
	"errors"
	"testing"
)

func TestEncodings(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"# -*- coding: latin-1 -*-\nn\xe9 = 1", "né"},
		{"#!/usr/bin/python\n# vim: set fileencoding=iso-8859-15 :\n\xbd = 1", "œ"},
		{"\f# coding=cp1251\n\xe9 = 1", "й"},
		{"\n# coding: windows-1252\n\xe9 = 1", "é"},
		{"é = 1\n# coding: latin-1\n", "é"},
		{"# coding: utf8\né = 1", "é"},
		{"# Coding: latin-1\né = 1", "é"},
		{"# coding : latin-1\né = 1", "é"},
		{"# encoding:  UTF_8-unix\r\né = 1", "é"},
		{"\xef\xbb\xbf# coding: utf-8\né = 1", "é"},
		{"# coding: US-ASCII\nx = 1", "x"},
		{"# \xe9\n# \xe9\nx = 1 # \xe9", "x"},
		{"# coding: utf-8\n# \xe9\nx = 1", "x"},
		{"#\r# coding: latin1\r\xe9 = 1", "é"},
	} {
		f, err := Parse("x.py", []byte(c.src), Env{})
		if err != nil || len(f.Names) != 1 || f.Names[0].Name != c.want {
			t.Errorf("%q: %v %+v", c.src, err, f)
		}
	}
	var encoding *EncodingError
	if _, err := Parse("x.py", []byte("# coding: shift_jis\n"), Env{}); !errors.As(err, &encoding) || encoding.Encoding != "shift_jis" {
		t.Error(err)
	}
}
