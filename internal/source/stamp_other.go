//go:build !linux

package source

import "time"

// Stamp is empty: what tells a changed file has other names on every system.
func (w WheelFile) Stamp() (stamp string, changed time.Time) { return "", time.Time{} }
