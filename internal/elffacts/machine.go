package elffacts

import (
	"debug/elf"
	"strconv"
	"strings"
)

// machine names e_machine as Python's platform.machine does.
func machine(m elf.Machine, wide, big bool) string {
	switch m {
	case elf.EM_X86_64:
		return "x86_64"
	case elf.EM_386:
		return "i686"
	case elf.EM_AARCH64:
		return "aarch64"
	case elf.EM_ARM:
		return "arm"
	case elf.EM_PPC64:
		if big {
			return "ppc64"
		}
		return "ppc64le"
	case elf.EM_PPC:
		return "ppc"
	case elf.EM_S390:
		return "s390x"
	case elf.EM_RISCV:
		if wide {
			return "riscv64"
		}
		return "riscv32"
	case elf.EM_LOONGARCH:
		return "loongarch64"
	case elf.EM_MIPS:
		if wide {
			return "mips64"
		}
		return "mips"
	}
	return "elf-" + strconv.Itoa(int(m))
}

// RunsOn reports whether a process of the machine, as Python names it ("x86_64", "armv7l"), can
// load the file. Of ARM's 32-bit machines and Intel's all count as one.
func (f *Facts) RunsOn(machine string) bool {
	class := 64
	switch {
	case strings.HasPrefix(machine, "armv"):
		machine, class = "arm", 32
	case len(machine) == 4 && machine[0] == 'i' && strings.HasSuffix(machine, "86"):
		machine, class = "i686", 32
	case machine == "arm", machine == "ppc", machine == "riscv32", machine == "mips":
		class = 32
	}
	return f.Machine == machine && f.Class == class
}
