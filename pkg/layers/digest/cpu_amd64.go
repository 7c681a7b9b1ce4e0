//go:build !purego

package digest

// hasSHA says whether the CPU has every instruction that blocks and blocksBoth use.
var hasSHA = detectSHA()

// detectSHA asks CPUID ("CPUID: Returns Feature Information" in Intel's Software Developer's
// Manual). They use no more than the XMM registers, which every system for amd64 keeps.
func detectSHA() bool {
	const (
		ssse3 = 1 << 9  // leaf 1, ECX
		sse41 = 1 << 19 // leaf 1, ECX
		sha   = 1 << 29 // leaf 7, EBX
	)
	if leaves, _, _, _ := cpuid(0, 0); leaves < 7 {
		return false
	}
	_, _, one, _ := cpuid(1, 0)
	_, seven, _, _ := cpuid(7, 0)
	return one&ssse3 != 0 && one&sse41 != 0 && seven&sha != 0
}

//go:noescape
func cpuid(leaf, subleaf uint32) (eax, ebx, ecx, edx uint32)
