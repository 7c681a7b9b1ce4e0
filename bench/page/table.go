// Package page writes what was measured as Markdown.
package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/layerpack/layerpack/bench/measure"
)

// Table is a Markdown table: the first column holds names, the others figures.
type Table struct {
	Head []string
	Rows [][]string
}

// String is the table, every line ended.
func (t Table) String() string {
	var b strings.Builder
	row := func(cells []string) {
		for _, c := range cells {
			b.WriteString("| " + strings.ReplaceAll(c, "|", `\|`) + " ")
		}
		b.WriteString("|\n")
	}
	row(t.Head)
	b.WriteString("|---" + strings.Repeat("|---:", len(t.Head)-1) + "|\n")
	for _, r := range t.Rows {
		row(r)
	}
	return b.String()
}

const missing = "-"

// Compare sets the medians of one step beside those of the contender that is the reference. Who was
// not measured has no row.
func Compare(s measure.Series, step, reference string, contenders []string) Table {
	t := Table{Head: []string{"", "user CPU, s", "wall, s", "user ratio", "wall ratio", "MB out", "size ratio", "rounds"}}
	ref, _ := s.Median(reference, step)
	for _, name := range contenders {
		m, ok := s.Median(name, step)
		if !ok {
			continue
		}
		size, sizes := missing, missing
		if m.Size > 0 {
			size = fmt.Sprintf("%.1f", float64(m.Size)/1e6)
			sizes = ratio(m.Size, ref.Size)
		}
		t.Rows = append(t.Rows, []string{
			name, seconds(m.User), seconds(m.Wall), ratio(int64(m.User), int64(ref.User)), ratio(int64(m.Wall), int64(ref.Wall)),
			size, sizes, fmt.Sprint(len(s[measure.Key{Contender: name, Step: step}])),
		})
	}
	return t
}

// Steps sets contenders beside the reference in all steps. figure picks what is shown.
func Steps(s measure.Series, steps []string, reference string, contenders []string, figure func(measure.Result) time.Duration) Table {
	t := Table{Head: append([]string{""}, steps...)}
	for _, name := range contenders {
		row := []string{name}
		for _, step := range steps {
			m, ok := s.Median(name, step)
			ref, known := s.Median(reference, step)
			switch {
			case !ok:
				row = append(row, missing)
			case !known || name == reference:
				row = append(row, seconds(figure(m))+" s")
			default:
				row = append(row, seconds(figure(m))+" s ("+ratio(int64(figure(m)), int64(figure(ref)))+"×)")
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// seconds has three significant digits, or milliseconds where that is less.
func seconds(d time.Duration) string {
	switch s := d.Seconds(); {
	case s >= 100:
		return fmt.Sprintf("%.0f", s)
	case s >= 10:
		return fmt.Sprintf("%.1f", s)
	case s >= 1:
		return fmt.Sprintf("%.2f", s)
	default:
		return fmt.Sprintf("%.3f", s)
	}
}

func ratio(a, b int64) string {
	if b == 0 {
		return missing
	}
	return fmt.Sprintf("%.2f", float64(a)/float64(b))
}
