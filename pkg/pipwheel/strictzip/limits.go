package strictzip

// Limits caps what an archive may ask of its reader. A zero field means its default.
type Limits struct {
	// Entries is the number of entries, folders written or implied by names included; default 200,000.
	Entries int
	// NameLength is the length of an entry's name in bytes; default 2,048.
	NameLength int
	// Directory is the size of the central directory in bytes; default 64 MiB.
	Directory int64
	// Total is the sum of all declared sizes in bytes; default 32 GiB.
	Total int64
	// FreeTotal is the declared total in bytes up to which Ratio is not asked for; default 64 MiB, PyPI's.
	FreeTotal int64
	// Ratio is the declared total over the archive's size; default 50, PyPI's.
	Ratio int64
	// EntryRatio is an entry's size over its compressed size; default 1,100. DEFLATE reaches
	// about 1,032, so that more is a lie; zstd reaches more honestly and is held to it above 1 MiB.
	EntryRatio int64
	// Window is the largest zstd window in bytes, which is memory of the reader; default 32 MiB.
	Window int64
}

func (l Limits) withDefaults() Limits {
	setInt(&l.Entries, 200_000)
	setInt(&l.NameLength, 2048)
	setInt(&l.Directory, 64<<20)
	setInt(&l.Total, 32<<30)
	setInt(&l.FreeTotal, 64<<20)
	setInt(&l.Ratio, 50)
	setInt(&l.EntryRatio, 1100)
	setInt(&l.Window, 32<<20)
	return l
}

func setInt[T int | int64](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}
