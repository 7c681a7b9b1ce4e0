package baseimage

import (
	"debug/elf"
	"slices"
	"testing"

	. "github.com/layerpack/layerpack/internal/baseimage/fakebase"
)

// What an architecture is called in the registry, in Python and in an ELF header.
func TestMachines(t *testing.T) {
	for _, c := range []struct {
		arch, variant string
		object        object
		want          string
	}{
		{"amd64", "", object{machine: elf.EM_X86_64}, "x86_64"},
		{"arm64", "v8", object{machine: elf.EM_AARCH64}, "aarch64"},
		{"arm", "v7", object{machine: elf.EM_ARM}, "armv7l"},
		{"arm", "", object{machine: elf.EM_ARM}, "armv7l"},
		{"386", "", object{machine: elf.EM_386}, "i686"},
		{"ppc64le", "", object{machine: elf.EM_PPC64, little: true}, "ppc64le"},
		{"s390x", "", object{machine: elf.EM_S390}, "s390x"},
		{"riscv64", "", object{machine: elf.EM_RISCV}, "riscv64"},
		{"loong64", "", object{machine: elf.EM_LOONGARCH}, "loongarch64"},
		{"pdp11", "", object{machine: 0xfff0}, ""},
	} {
		cfg := &imageConfig{Architecture: c.arch, Variant: c.variant}
		if got := cfg.pythonMachine(); got != c.want {
			t.Errorf("%s/%s is %q to Python, want %q", c.arch, c.variant, got, c.want)
		}
		if got := machineOf(&c.object); got != c.want {
			t.Errorf("%v is %q to Python, want %q", c.object.machine, got, c.want)
		}
	}
	for variant, want := range map[string]string{"v5": "armv5tel", "v6": "armv6l"} {
		if got := (&imageConfig{Architecture: "arm", Variant: variant}).pythonMachine(); got != want {
			t.Errorf("arm/%s is %q to Python, want %q", variant, got, want)
		}
	}
	if got := machineOf(&object{machine: elf.EM_PPC64}); got != "ppc64" {
		t.Errorf("big-endian POWER is %q", got)
	}
}

func TestPath(t *testing.T) {
	cfg := &imageConfig{}
	if got := cfg.path(); len(got) != 6 || got[0] != "/usr/local/sbin" {
		t.Errorf("without PATH: %q", got)
	}
	cfg.Config.Env = []string{"PATH=/first", "X", "PATH=/a:.::b:/c"}
	if got := cfg.path(); !slices.Equal(got, []string{"/a", "/c"}) {
		t.Errorf("PATH is %q", got)
	}
}

// Which environment of a conda installation is meant.
func TestConda(t *testing.T) {
	for _, c := range []struct{ path, bashrc, want string }{
		{"/opt/conda/bin", "", "/opt/conda/bin/python3.12"},
		{"/opt/conda/bin", "conda activate\n", "/opt/conda/bin/python3.12"},
		{"/opt/conda/bin", "conda activate prefect\n", "/opt/conda/envs/prefect/bin/python3.11"},
		{"/opt/conda/bin", "conda activate /opt/conda/envs/prefect/\n", "/opt/conda/envs/prefect/bin/python3.11"},
		{"/opt/conda/bin", "conda activate ../../etc\n", "/opt/conda/bin/python3.12"},
		{"/opt/conda/envs/prefect/bin:/opt/conda/bin", "conda activate prefect\n", "/opt/conda/envs/prefect/bin/python3.11"},
		{"/opt/conda/envs/prefect/bin:/opt/conda/bin", "conda activate base\n", "/opt/conda/bin/python3.12"},
		{"/opt/conda/envs/prefect/bin:/opt/conda/bin", "", "/opt/conda/envs/prefect/bin/python3.11"},
		{"/usr/bin:/opt/conda/bin", "conda activate prefect\n", "/usr/bin/python3.9"},
	} {
		files := join(
			stdlib("opt/conda", "python3.12", Dir("opt/conda/conda-meta", 0o755)),
			stdlib("opt/conda/envs/prefect", "python3.11", Dir("opt/conda/envs/prefect/conda-meta", 0o755)),
			stdlib("usr", "python3.9", Text("root/.bashrc", 0o644, c.bashrc)),
		)
		p := testBase{arch: "amd64", env: []string{"PATH=" + c.path}, tars: [][]byte{tarOf(t, files...)}}.read(t)
		if p.Python == nil || p.Python.Executable != c.want {
			t.Errorf("PATH %s, .bashrc %q: %+v, want %s (%s)", c.path, c.bashrc, p.Python, c.want, p.PythonNote)
		}
	}
}

// Distroless keeps a file per package.
func TestVersionOfDistroless(t *testing.T) {
	files := stdlib("usr", "python3.11",
		Text("var/lib/dpkg/status.d/base-files", 0o644, "Package: base-files\nVersion: 12\n"),
		Text("var/lib/dpkg/status.d/libpython3.11-minimal", 0o644, "Package: libpython3.11-minimal\nVersion: 3.11.1-1\n"),
		Text("var/lib/dpkg/status.d/python3.11-minimal", 0o644, "Package: python3.11-minimal\nVersion: 3.11.2-6+deb12u4\n"))
	p := testBase{arch: "amd64", tars: [][]byte{tarOf(t, files...)}}.read(t)
	if p.Python == nil || p.Python.Version != "3.11.2" {
		t.Errorf("%+v, %s", p.Python, p.PythonNote)
	}
}
