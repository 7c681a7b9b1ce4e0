//go:build e2e

package e2e

import "testing"

// TestEndToEnd runs everything on one rig: starting the parts takes longer than most tests do.
func TestEndToEnd(t *testing.T) {
	r := newRig(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *rig)
	}{
		{"Base", testBase},
		{"Flow", testFlow},
		{"SecondRun", testSecondRun},
		{"BaseNotMoved", testBaseNotMoved},
		{"Cache", testCache},
		{"Requirements", testRequirements},
		{"Slim", testSlim},
		{"Check", testCheck},
		{"NotTwice", testNotTwice},
		{"Archives", testArchives},
		{"Parents", testParents},
		{"OtherTools", testOtherTools},
		{"SameDigest", testSameDigest},
		{"BadInput", testBadInput},
		{"Replaced", testReplaced},
		{"PyODBC", testPyODBC},
		{"Buildah", testBuildah},
		{"Platform", testPlatform},
		{"Index", testIndex},
		{"Journeys", testJourneys},
		{"Memory", testMemory},
		{"Formats", testFormats},
		{"Decode", testDecode},
		{"Lazy", testLazy},
		{"Torch", testTorch},
		{"Pip", testPip},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, r) })
	}
}
