package cpuid

// Bits of what CPUID returns (Intel's Software Developer's Manual, "CPUID: Returns Feature Information").
const (
	ssse3 = 1 << 9  // leaf 1, ECX
	bmi2  = 1 << 8  // leaf 7, EBX
	sha   = 1 << 29 // leaf 7, EBX
)

// SHA reports whether there are SHA256RNDS2 and its like, and PSHUFB and PALIGNR. They use
// the XMM registers, which every system for amd64 keeps.
func SHA() bool {
	one, seven := features()
	return one&ssse3 != 0 && seven&sha != 0
}

// BMI2 reports whether there are SHLX, SHRX, RORX and BZHI, and PSHUFB.
func BMI2() bool {
	one, seven := features()
	return one&ssse3 != 0 && seven&bmi2 != 0
}

// features returns ECX of leaf 1 and EBX of leaf 7.
func features() (one, seven uint32) {
	if leaves, _, _, _ := cpuid(0, 0); leaves < 7 {
		return 0, 0
	}
	_, _, one, _ = cpuid(1, 0)
	_, seven, _, _ = cpuid(7, 0)
	return one, seven
}

//go:noescape
func cpuid(leaf, subleaf uint32) (eax, ebx, ecx, edx uint32)
