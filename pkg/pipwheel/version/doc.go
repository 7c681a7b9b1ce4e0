// Package version parses, orders and selects Python versions (PEP 440, the version specifiers specification).
//
// Guarantees: everything here is a value, safe for concurrent use; numbers have any length; only ASCII letters and
// digits are understood, whatever Unicode says of their likeness to others; comparing versions that are written
// with at most four release numbers below 2^32 and no epoch does not allocate. Where the specification leaves
// room, the answers are those of pypa's packaging.
//
// Most callers want [Parse] and [Version.Compare], or [ParseSet] and [Set.Match]. A resolver wants [Set.Range]:
// sets of versions with union, intersection and complement, which [Set.Match] uses too.
package version
