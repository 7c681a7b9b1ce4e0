package pysource

import (
	"cmp"
	"strings"
)

type valueKind uint8

const (
	isUnknown valueKind = iota
	isTruth
	isInteger
	isText
	isTuple
)

// value is a value in a condition. The zero value is one that is not known.
type value struct {
	kind    valueKind
	logical truth
	integer int
	text    string
	items   []value
	more    bool // a tuple with further items that are not known
}

func logical(t truth) value {
	if t == unknown {
		return value{}
	}
	return value{kind: isTruth, logical: t}
}

func integer(n int) value { return value{kind: isInteger, integer: n} }

func (v value) truth() truth {
	switch v.kind {
	case isTruth:
		return v.logical
	case isInteger:
		return truthOf(v.integer != 0)
	case isText:
		return truthOf(v.text != "")
	case isTuple:
		return truthOf(len(v.items) > 0 || v.more)
	}
	return unknown
}

// compareValues decides what one comparison says.
func compareValues(operator string, a, b value) truth {
	switch operator {
	case "in":
		return contains(b, a)
	case "not in":
		return not(contains(b, a))
	}
	order, known := compare(a, b)
	if !known {
		return unknown
	}
	switch operator {
	case "==":
		return truthOf(order == 0)
	case "!=":
		return truthOf(order != 0)
	case "<":
		return truthOf(order < 0)
	case "<=":
		return truthOf(order <= 0)
	case ">":
		return truthOf(order > 0)
	default:
		return truthOf(order >= 0)
	}
}

// compare orders two values of one kind, as far as they are known.
func compare(a, b value) (order int, known bool) {
	switch {
	case a.kind != b.kind:
		return 0, false
	case a.kind == isInteger:
		return cmp.Compare(a.integer, b.integer), true
	case a.kind == isText:
		return strings.Compare(a.text, b.text), true
	case a.kind == isTruth:
		return cmp.Compare(a.logical, b.logical), true
	case a.kind != isTuple:
		return 0, false
	}
	for i := range min(len(a.items), len(b.items)) {
		if order, known := compare(a.items[i], b.items[i]); !known || order != 0 {
			return order, known
		}
	}
	switch {
	case a.more && len(b.items) > len(a.items), b.more && len(a.items) > len(b.items), a.more && b.more:
		return 0, false
	case a.more:
		return 1, true
	case b.more:
		return -1, true
	}
	return cmp.Compare(len(a.items), len(b.items)), true
}

// contains decides "item in list".
func contains(list, item value) truth {
	if list.kind == isText && item.kind == isText {
		return truthOf(strings.Contains(list.text, item.text))
	}
	if list.kind != isTuple || list.more {
		return unknown
	}
	found := no
	for _, v := range list.items {
		order, known := compare(v, item)
		if !known {
			found = or(found, unknown)
		} else if order == 0 {
			return yes
		}
	}
	return found
}
