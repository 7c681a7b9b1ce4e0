// Package oracle compares the packages below pipwheel with pypa's packaging, the library that pip itself uses.
//
// It holds tests only, behind the build tag oracle, since they need Python 3 and the package index:
//
//	go test -tags oracle ./pkg/pipwheel/oracle/
//
// A script asks the newest packaging for its answers to generated cases, always the same for one release of it; the test
// gives ours. Each difference must be listed in the test with its reason, and each that is listed must occur.
package oracle
