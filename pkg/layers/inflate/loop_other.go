//go:build !amd64 || purego

package inflate

// symbols decodes literals and matches until the block ends or input or output run out.
func (d *Decoder) symbols() (stop, error) { return d.loop() }
