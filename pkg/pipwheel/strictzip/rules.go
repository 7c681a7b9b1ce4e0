package strictzip

// Rule names one demand on an archive.
type Rule string

// The rules, by what they are about; [Rules] says what each means.
const (
	NotZip        Rule = "zip-end"
	Trailer       Rule = "zip-trailer"
	Comment       Rule = "zip-comment"
	Prefix        Rule = "zip-prefix"
	Gap           Rule = "zip-gap"
	Overlap       Rule = "zip-overlap"
	Disks         Rule = "zip-disks"
	Zip64End      Rule = "zip-zip64-end"
	Zip64Extra    Rule = "zip-zip64-extra"
	Directory     Rule = "zip-directory"
	Count         Rule = "zip-count"
	LocalHeader   Rule = "zip-local-header"
	Mismatch      Rule = "zip-mismatch"
	Descriptor    Rule = "zip-descriptor"
	Extra         Rule = "zip-extra"
	UnicodePath   Rule = "zip-unicode-path"
	Duplicate     Rule = "zip-duplicate"
	FileAsFolder  Rule = "zip-file-as-folder"
	NameEncoding  Rule = "zip-name-encoding"
	NameCharacter Rule = "zip-name-character"
	NamePath      Rule = "zip-name-path"
	NameLength    Rule = "zip-name-length"
	Method        Rule = "zip-method"
	Encrypted     Rule = "zip-encrypted"
	Flags         Rule = "zip-flags"
	Symlink       Rule = "zip-symlink"
	SpecialFile   Rule = "zip-special-file"
	Folder        Rule = "zip-folder"
	Size          Rule = "zip-size"
	Checksum      Rule = "zip-crc"
	Data          Rule = "zip-data"
	TooManyFiles  Rule = "zip-limit-entries"
	TooMuch       Rule = "zip-limit-total"
	Ratio         Rule = "zip-limit-ratio"
	Window        Rule = "zip-limit-window"
)

// RuleText is a rule and what it means.
type RuleText struct {
	Rule  Rule
	Means string
}

// Rules lists every rule that an archive can be refused for.
func Rules() []RuleText {
	return []RuleText{
		{NotZip, "an end-of-directory record (EOCD) within the last 64 KiB"},
		{Trailer, "nothing after the end record and its comment"},
		{Comment, "no bytes 1 to 8 in the archive's comment, where another archive could hide"},
		{Prefix, "the first entry begins at byte 0"},
		{Gap, "no bytes between entries, nor between the last one and the directory"},
		{Overlap, "no byte belongs to two entries"},
		{Disks, "the archive is not one of several volumes"},
		{Zip64End, "a ZIP64 end record of 56 bytes, right before its locator, agrees with the end record, and is there when that needs it"},
		{Zip64Extra, "a ZIP64 extra field holds exactly the fields that the header leaves to it, and is there when the header leaves any"},
		{Directory, "the central directory is well-formed, ends where the end record says and is within the limit"},
		{Count, "the directory holds as many entries as the end record says"},
		{LocalHeader, "a whole local header lies where the directory says"},
		{Mismatch, "local header and directory agree in name, flags, method, sizes and checksum"},
		{Descriptor, "a data descriptor agrees with the directory and is not ambiguous; none after stored data"},
		{Extra, "extra fields are whole"},
		{UnicodePath, "a Unicode path extra field comes once and repeats the name"},
		{Duplicate, "names are unique, also in Unicode's normal form NFC"},
		{FileAsFolder, "no file is also the folder of another"},
		{NameEncoding, "names are UTF-8, and flagged as such unless ASCII"},
		{NameCharacter, "no control, format, private-use or line-separating characters in names"},
		{NamePath, "names are relative, slash-separated paths without empty, . or .. components, backslash or drive letter"},
		{NameLength, "names are within the limit, their components within 255 bytes"},
		{Method, "stored, DEFLATE or zstd"},
		{Encrypted, "nothing is encrypted"},
		{Flags, "no flag beyond compression level, data descriptor and UTF-8"},
		{Symlink, "no symbolic links"},
		{SpecialFile, "no devices, pipes, sockets"},
		{Folder, "a folder's name ends in a slash, a file's does not, and a folder has no bytes"},
		{Size, "an entry inflates to the size it declares; stored, both sizes are the same"},
		{Checksum, "an entry has the CRC-32 it declares"},
		{Data, "compressed data is valid, one stream, and ends at its last byte"},
		{TooManyFiles, "not more entries and folders than the limit"},
		{TooMuch, "the declared sizes add up to no more than the limit"},
		{Ratio, "declared sizes stay in proportion to the archive's and to the compressed ones"},
		{Window, "a zstd window within the limit"},
	}
}
