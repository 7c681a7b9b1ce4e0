// Package elffacts says what an ELF file needs and offers: its machine, the libraries it names,
// where it wants them searched, the symbol versions it asks of them.
//
// It reads as the dynamic linker does (System V ABI, "Program Header", "Dynamic Section"; LSB,
// "Symbol Versioning"): program headers and the dynamic segment, never section headers, which a
// stripped file may lack. It trusts no number in a file. Whatever the bytes, it neither panics nor
// holds more than some 6 MiB, reads a stream forward only, and opens it at most [maxOpens] times:
// once where everything lies in the first 4 MiB, two or three times for larger libraries.
//
// Two files of the dynamic linker itself are read here too: ld.so.cache ([LdCache]) and ld.so.conf
// ([LdConf]).
//
// Most callers want [Read], and keep the JSON of what it returns: it is the same for the same file.
package elffacts
