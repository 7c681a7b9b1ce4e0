package elffacts_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/internal/elffacts"
)

// library is a file with all that is read.
func library(wide bool, order order, machine uint16, gap int) []byte {
	f := &forge{wide: wide, order: order, machine: machine, kind: 3, interp: "/lib/ld.so", gap: gap}
	f.add(1, "libodbc.so.2")
	f.add(1, "libc.so.6")
	f.add(1, "libc.so.6")
	f.add(14, "libmine.so.1")
	f.add(15, "/ignored")
	f.add(29, "$ORIGIN/../x.libs::/opt/lib")
	f.needs("libm.so.6", false, "GLIBC_2.29", "?GLIBC_2.38")
	f.needs("libc.so.6", true, "GLIBC_2.17", "GLIBC_2.2.5", "GLIBC_PRIVATE", "GLIBC_ABI_DT_RELR", "GLIBC_2.17")
	return f.bytes(2)
}

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		wide    bool
		order   order
		machine uint16
		want    elffacts.Facts
	}{
		"x86_64":  {true, binary.LittleEndian, 62, elffacts.Facts{Machine: "x86_64", Class: 64}},
		"armv7":   {false, binary.LittleEndian, 40, elffacts.Facts{Machine: "arm", Class: 32}},
		"s390x":   {true, binary.BigEndian, 22, elffacts.Facts{Machine: "s390x", Class: 64, BigEndian: true}},
		"mips":    {false, binary.BigEndian, 8, elffacts.Facts{Machine: "mips", Class: 32, BigEndian: true}},
		"unknown": {true, binary.LittleEndian, 4711, elffacts.Facts{Machine: "elf-4711", Class: 64}},
	} {
		t.Run(name, func(t *testing.T) {
			w := c.want
			w.Type, w.Soname, w.Interp = elffacts.Shared, "libmine.so.1", "/lib/ld.so"
			w.Needed = []string{"libodbc.so.2", "libc.so.6"}
			w.Runpath = []string{"$ORIGIN/../x.libs", "/opt/lib"}
			w.Versions = map[string][]string{
				"libm.so.6": {"GLIBC_2.29"},
				"libc.so.6": {"GLIBC_2.17", "GLIBC_2.2.5", "GLIBC_ABI_DT_RELR", "GLIBC_PRIVATE"},
			}
			w.GlibcNeeded = elffacts.Version{Major: 2, Minor: 29}
			if diff := cmp.Diff(&w, read(t, library(c.wide, c.order, c.machine, 0))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(&w, read(t, library(c.wide, c.order, c.machine, 6<<20))); diff != "" {
				t.Errorf("tables behind 6 MiB (-want +got)\n%s", diff)
			}
		})
	}
}

func TestRpathWithoutRunpath(t *testing.T) {
	f := &forge{wide: true, order: binary.LittleEndian, machine: 62, kind: 2}
	f.add(15, "/a:/b")
	f.add(1, "bad\xffname")
	got := read(t, f.bytes(0))
	want := &elffacts.Facts{Machine: "x86_64", Class: 64, Type: elffacts.Executable, Rpath: []string{"/a", "/b"}, Needed: []string{"bad\uFFFDname"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLargeFileIsOpenedTwice(t *testing.T) {
	o := &opener{b: library(true, binary.LittleEndian, 62, 6<<20)}
	if _, err := elffacts.Read(o.open, int64(len(o.b))); err != nil || o.opens != 2 {
		t.Errorf("opened %d times, error %v; names lie before the versions that name them: 2", o.opens, err)
	}
}

func TestNoELF(t *testing.T) {
	for _, s := range []string{"", "\x7fEL", "#!/bin/sh\n", strings.Repeat("x", 100)} {
		if f := read(t, []byte(s)); f != nil {
			t.Errorf("%q: %+v, want nil", s, f)
		}
	}
}

func TestBroken(t *testing.T) {
	whole := library(true, binary.LittleEndian, 62, 0)
	edit := func(at int, b ...byte) []byte {
		c := append([]byte{}, whole...)
		copy(c[at:], b)
		return c
	}
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"magic alone":         {whole[:4], "within its header"},
		"cut in the header":   {whole[:40], "within its header"},
		"cut in the segments": {whole[:100], "program headers lie outside"},
		"cut in the dynamic":  {whole[:260], "dynamic segment lies outside"},
		"cut in the strings":  {whole[:420], "lies outside"},
		"no class":            {edit(4, 9), "no known class"},
		"segments of 1 byte":  {edit(54, 1), "program headers have 1 bytes"},
		"65535 segments":      {edit(56, 0xff, 0xff), "65535 program headers"},
	} {
		t.Run(name, func(t *testing.T) {
			f := read(t, c.b)
			if f == nil || !strings.Contains(f.Broken, c.want) {
				t.Errorf("%+v, want Broken with %q", f, c.want)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	b := library(true, binary.LittleEndian, 62, 0)
	o := &opener{b: b[:200]}
	if _, err := elffacts.Read(o.open, int64(len(b))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a stream that is too short: %v", err)
	}
	failed := errors.New("disk")
	if _, err := elffacts.Read(func() (io.ReadCloser, error) { return nil, failed }, 10); !errors.Is(err, failed) {
		t.Errorf("a file that cannot be opened: %v", err)
	}
	if _, err := elffacts.Read(o.open, -1); err == nil {
		t.Error("a negative size is no error")
	}
}

func TestJSON(t *testing.T) {
	f := read(t, library(true, binary.LittleEndian, 62, 0))
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"machine":"x86_64","class":64,"type":"dyn","soname":"libmine.so.1","needed":["libodbc.so.2","libc.so.6"],` +
		`"runpath":["$ORIGIN/../x.libs","/opt/lib"],"interp":"/lib/ld.so",` +
		`"versions":{"libc.so.6":["GLIBC_2.17","GLIBC_2.2.5","GLIBC_ABI_DT_RELR","GLIBC_PRIVATE"],"libm.so.6":["GLIBC_2.29"]},"glibcNeeded":"2.29"}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	var back elffacts.Facts
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f, &back); diff != "" {
		t.Errorf("read back (-want +got)\n%s", diff)
	}
}

func TestRunsOn(t *testing.T) {
	for _, c := range []struct {
		machine string
		class   int
		on      string
		want    bool
	}{
		{"x86_64", 64, "x86_64", true},
		{"x86_64", 32, "x86_64", false}, // x32
		{"i686", 32, "x86_64", false},
		{"i686", 32, "i386", true},
		{"arm", 32, "armv7l", true},
		{"aarch64", 64, "x86_64", false},
		{"ppc64", 64, "ppc64le", false},
	} {
		f := elffacts.Facts{Machine: c.machine, Class: c.class}
		if got := f.RunsOn(c.on); got != c.want {
			t.Errorf("%s, %d bits, on %s: %v", c.machine, c.class, c.on, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(library(true, binary.LittleEndian, 62, 0))
	f.Add(library(false, binary.BigEndian, 8, 0))
	f.Add(library(true, binary.LittleEndian, 62, 0)[:300])
	f.Add([]byte("\x7fELF"))
	f.Fuzz(func(t *testing.T, b []byte) {
		o := &opener{b: b}
		facts, err := elffacts.Read(o.open, int64(len(b)))
		if err != nil {
			t.Fatalf("a file that can be read is an error: %v", err)
		}
		if (facts == nil) == strings.HasPrefix(string(b), "\x7fELF") {
			t.Fatalf("facts %v of %.4q", facts, b)
		}
		if facts == nil {
			return
		}
		text, err := json.Marshal(facts)
		if err != nil || len(text) > 8<<20 {
			t.Fatalf("%d bytes of JSON, error %v", len(text), err)
		}
		var back elffacts.Facts
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(facts, &back); diff != "" {
			t.Fatalf("read back (-want +got)\n%s", diff)
		}
	})
}

// A file in memory gives the facts of the same file read as a stream.
func TestReadBytes(t *testing.T) {
	for name, content := range map[string][]byte{"nothing": nil, "text": []byte("#!/bin/sh\n"), "cut": []byte("\x7fELF\x02\x01")} {
		stream, err := elffacts.Read(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }, int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		memory, err := elffacts.ReadBytes(content)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(stream, memory); diff != "" {
			t.Errorf("%s (-stream +memory):\n%s", name, diff)
		}
	}
}
