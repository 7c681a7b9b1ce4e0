package progress

import "fmt"

// Size writes a number of bytes for people: "12.4 MB" (powers of ten).
func Size(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	f, i := float64(n), 0
	for f >= 999.95 && i < len(units)-1 {
		f /= 1000
		i++
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}
