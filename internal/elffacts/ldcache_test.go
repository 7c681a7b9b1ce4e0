package elffacts_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/internal/elffacts"
)

// cache writes ld.so.cache in the newer format, behind the older one if old, and that alone if bare.
func cache(o order, old, bare bool, libs ...elffacts.Cached) []byte {
	var b []byte
	u32 := func(to []byte, v int) []byte { return o.AppendUint32(to, uint32(v)) }
	if old || bare {
		b = u32([]byte("ld.so-1.7.0\x00"), len(libs))
		b, names := entries(b, libs, 0, func(b []byte, c elffacts.Cached, name, path int) []byte {
			return u32(u32(u32(b, int(c.Flags)), name), path)
		})
		if bare {
			return append(b, names...)
		}
		for len(b)%8 != 0 {
			b = append(b, 0)
		}
		return append(b, cache(o, false, false, libs...)...)
	}
	b = u32(append(b, "glibc-ld.so.cache1.1"...), len(libs))
	b = append(u32(b, 0), make([]byte, 20)...)
	b, names := entries(b, libs, 48+24*len(libs), func(b []byte, c elffacts.Cached, name, path int) []byte {
		return o.AppendUint64(u32(u32(u32(u32(b, int(c.Flags)), name), path), 0), c.HWCap)
	})
	return append(b, names...)
}

// entries appends the entries and returns the strings that they refer to, which begin at offset start.
func entries(b []byte, libs []elffacts.Cached, start int, put func(b []byte, c elffacts.Cached, name, path int) []byte) (head, names []byte) {
	for _, c := range libs {
		name := start + len(names)
		names = append(append(names, c.Name...), 0)
		path := start + len(names)
		names = append(append(names, c.Path...), 0)
		b = put(b, c, name, path)
	}
	return b, names
}

func TestLdCache(t *testing.T) {
	libs := []elffacts.Cached{
		{Name: "libz.so.1", Path: "/lib/x86_64-linux-gnu/libz.so.1", Flags: 0x303},
		{Name: "libz.so.1", Path: "/lib/i386-linux-gnu/libz.so.1", Flags: 3},
	}
	for name, b := range map[string][]byte{
		"new, little": cache(binary.LittleEndian, false, false, libs...),
		"new, big":    cache(binary.BigEndian, false, false, libs...),
		"both":        cache(binary.LittleEndian, true, false, libs...),
		"old":         cache(binary.LittleEndian, false, true, libs...),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := elffacts.LdCache(b)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(libs, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestLdCacheRefused(t *testing.T) {
	whole := cache(binary.LittleEndian, false, false, elffacts.Cached{Name: "a", Path: "/a", Flags: 3})
	for _, b := range []string{"", "\x7fELF", string(whole[:30]), string(whole[:60]), "ld.so-1.7.0\x00\xff"} {
		if got, err := elffacts.LdCache([]byte(b)); err == nil {
			t.Errorf("%q: %v, want an error", b, got)
		}
	}
}

func TestCacheNames(t *testing.T) {
	libs := []elffacts.Cached{
		{Name: "libc.so.6", Path: "/v3/libc.so.6", Flags: 0x303, HWCap: 1 << 62},
		{Name: "libc.so.6", Path: "/lib/libc.so.6", Flags: 0x303},
		{Name: "libc.so.6", Path: "/other/libc.so.6", Flags: 0x303},
		{Name: "libc.so.6", Path: "/lib32/libc.so.6", Flags: 3},
		{Name: "libx.so.1", Path: "/libx32/libx.so.1", Flags: 0x803},
		{Name: "liba.so.1", Path: "/arm/liba.so.1", Flags: 0xa03},
	}
	for machine, want := range map[string]map[string]string{
		"x86_64":  {"libc.so.6": "/lib/libc.so.6"},
		"i686":    {"libc.so.6": "/lib32/libc.so.6"},
		"aarch64": {"liba.so.1": "/arm/liba.so.1"},
	} {
		if diff := cmp.Diff(want, elffacts.CacheNames(libs, machine)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", machine, diff)
		}
	}
}

func TestLdConf(t *testing.T) {
	got := elffacts.LdConf([]byte("# local\ninclude ld.so.conf.d/*.conf\t/x/*.conf\n/usr/local/lib # mine\r\nhwcap 0 nosegneg\n relative\n/old=libc5\n/last/"), "/etc")
	want := []elffacts.ConfLine{{Include: "/etc/ld.so.conf.d/*.conf"}, {Include: "/x/*.conf"}, {Dir: "/usr/local/lib"}, {Dir: "/old"}, {Dir: "/last"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func FuzzLdCache(f *testing.F) {
	libs := []elffacts.Cached{{Name: "libz.so.1", Path: "/lib/libz.so.1", Flags: 0x303}}
	f.Add(cache(binary.LittleEndian, false, false, libs...))
	f.Add(cache(binary.BigEndian, true, false, libs...))
	f.Add(cache(binary.LittleEndian, false, true, libs...))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := elffacts.LdCache(b)
		if err != nil && got != nil {
			t.Fatalf("%v and %v", got, err)
		}
		for _, c := range got {
			if c.Name == "" || !strings.HasPrefix(c.Path, "/") || strings.Contains(c.Name+c.Path, "\x00") {
				t.Fatalf("%+v", c)
			}
		}
		elffacts.CacheNames(got, "x86_64")
	})
}
