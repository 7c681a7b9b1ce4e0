package pipwheel

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/layerpack/layerpack/pkg/pipwheel/strictzip"
)

// readRows reads a RECORD beside an empty archive.
func readRows(r io.Reader, strict bool) ([]recordRow, error) {
	l, err := readListing(r, strict, new(strictzip.Archive))
	return l.rows, err
}

func writeRows(rows []recordRow) []byte {
	return writeRecord(len(rows), func(i int) recordRow { return rows[i] })
}

func TestReadRecord(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []recordRow
	}{
		{"rows", "a.py,sha256=x,1\nb.py,,\n", []recordRow{{"a.py", "sha256=x", "1"}, {"b.py", "", ""}}},
		{"carriage returns", "a,b,c\r\nd,e,f\rg,h,i", []recordRow{{"a", "b", "c"}, {"d", "e", "f"}, {"g", "h", "i"}}},
		{"fewer and more fields", "a\nb,h\nc,h,1,x,y\n", []recordRow{{"a", "", ""}, {"b", "h", ""}, {"c", "h", "1"}}},
		{"empty lines and paths", "\n,,\n\na,,\n", []recordRow{{"a", "", ""}}},
		{"quoted", "\"a,b\",h,1\n\"c\"\"d\",,\n", []recordRow{{"a,b", "h", "1"}, {`c"d`, "", ""}}},
		{"quotes inside", "a\"b,c\"\"d,1\n\"e\"f,,\n", []recordRow{{`a"b`, `c""d`, "1"}, {"ef", "", ""}}},
		{"quoted nothing", "\"\",h,1\na,\"\",\"1\"\n", []recordRow{{"a", "", "1"}}},
		{"Windows and absolute", "a\\b.py,,\n/c/d.py,,\n\\\\e,,\n//,,\n", []recordRow{{"a/b.py", "", ""}, {"c/d.py", "", ""}, {"e", "", ""}}},
		{"twice", "a,1,1\na,2,2\n\\a,3,3\n", []recordRow{{"a", "1", "1"}}},
		{"byte order mark", "\ufeffa,,\n", []recordRow{{"a", "", ""}}},
		{"spaces stay", " a, b,1 \n", []recordRow{{" a", " b", "1 "}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := readRows(strings.NewReader(c.text), false)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestReadRecordRefuses(t *testing.T) {
	for _, c := range []struct {
		name, text string
		strict     bool
		want       string
	}{
		{"open quote", "\"a,,\nb,,\n", false, "does not end"},
		{"not UTF-8", "a\xff,,\n", false, "not UTF-8"},
		{"endless line", strings.Repeat("x", maxRecordLine+1), false, "too long"},
		{"two fields, strict", "a,b\n", true, "has 2 fields"},
		{"four fields, strict", "a,b,c,d\n", true, "has 4 fields"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := readRows(strings.NewReader(c.text), c.strict)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestReadRecorded(t *testing.T) {
	const empty = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
	got, err := ReadRecorded(strings.NewReader("../../../bin/x,sha256=" + empty + ",1\r\n/opt/y\r\n,,\r\na\\b,,\r\nd/RECORD,,\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Recorded{{"../../../bin/x", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}, {"/opt/y", ""}, {`a\b`, ""}, {"d/RECORD", ""}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := ReadRecorded(strings.NewReader("\"a\n")); err == nil {
		t.Error("an open quote is taken")
	}
}

func TestWriteRecord(t *testing.T) {
	rows := []recordRow{{"b", "sha256=x", "1"}, {" lead", "", ""}, {"a,b", "", ""}, {`a"`, "", ""}, {"../../bin/x", "", ""}, {"B", "", ""}}
	const want = " lead,,\n../../bin/x,,\nB,,\n\"a\"\"\",,\n\"a,b\",,\nb,sha256=x,1\n"
	if d := cmp.Diff(want, string(writeRows(rows))); d != "" {
		t.Error(d)
	}
}

// FuzzReadRecord wants what was read and written to be read the same, by encoding/csv too.
func FuzzReadRecord(f *testing.F) {
	f.Add([]byte("a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\r\n\"b,\"\"c\",,\nx\\y"))
	f.Add([]byte("\ufeff\"a\"b,\",\"\n"))
	f.Add([]byte("\\\\/,,\n//a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, err := readRows(bytes.NewReader(b), false)
		if err != nil {
			return
		}
		slices.SortFunc(rows, func(a, b recordRow) int { return strings.Compare(a.Path, b.Path) })
		text := writeRows(rows)
		again, err := readRows(bytes.NewReader(text), true)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > 0 && strings.HasPrefix(rows[0].Path, byteOrderMark) {
			return
		}
		if d := cmp.Diff(rows, again, cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
		in := csv.NewReader(bytes.NewReader(text))
		for _, row := range rows {
			fields, err := in.Read()
			if err != nil || len(fields) != 3 || (recordRow{fields[0], fields[1], fields[2]}) != row {
				t.Fatalf("encoding/csv reads %q (%v), want %q", fields, err, row)
			}
		}
		if _, err := in.Read(); err != io.EOF {
			t.Fatalf("more rows than were written: %v", err)
		}
	})
}

// TestSplitLine cuts where Python does, wherever the text is cut for reading.
func TestSplitLine(t *testing.T) {
	const text = "a\nb\r\nc\rd\r\r\n\n\ne\n\rf"
	for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)), iotest.HalfReader(strings.NewReader(text))} {
		scan := newLines(r, 100)
		var got []string
		for scan.Scan() {
			got = append(got, scan.Text())
		}
		if d := cmp.Diff([]string{"a", "b", "c", "d", "", "", "", "e", "", "f"}, got); d != "" || scan.Err() != nil {
			t.Fatal(d, scan.Err())
		}
	}
}

// What it costs to find an end does not depend on what follows it.
func TestLineEnd(t *testing.T) {
	for _, before := range []int{0, 1, 255, 256, 257, 5000} {
		for _, end := range []string{"", "\n", "\r", "\r\n", "\rx\n"} {
			data := []byte(strings.Repeat("x", before) + end)
			want := bytes.IndexAny(data, "\r\n")
			if got := lineEnd(data); got != want {
				t.Errorf("%d bytes and %q: %d, want %d", before, end, got, want)
			}
		}
	}
	hostile := strings.Repeat("x", 100<<10) + "\r" + strings.Repeat("\r", 16<<20)
	if _, err := ReadRecorded(strings.NewReader(hostile)); err != nil { // minutes, if it did
		t.Error(err)
	}
}
