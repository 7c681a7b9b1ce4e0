package pipwheel

import (
	"strings"
	"testing"
)

func TestTexts(t *testing.T) {
	var made texts
	var got, want []string
	for i := range 3000 {
		a, b := strings.Repeat("a", i%70), strings.Repeat("b", i%7)
		if i%1000 == 999 {
			b = strings.Repeat("long", mostTexts)
		}
		got, want = append(got, made.join(a, b), made.of([]byte(b))), append(want, a+b, b)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("string %d is %q, want %q", i, got[i], want[i])
		}
	}
}
