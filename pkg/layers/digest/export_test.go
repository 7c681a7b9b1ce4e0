package digest

// NewPortable returns an empty digest that does not use the SHA extensions, as every one
// where the CPU has none.
func NewPortable() *Digest { return &Digest{engine: portableEngine()} }
