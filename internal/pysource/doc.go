// Package pysource reads Python source files without running them: what they import and under
// which conditions, and which names they define.
//
// [Parse] follows the lexical rules of CPython 3.8 to 3.14 (The Python Language Reference,
// "Lexical analysis", PEP 263, PEP 701, PEP 750), and of the grammar what tells statements apart.
// It neither panics nor recurses without bound, and its time is linear in the length of the
// source. What CPython accepts it accepts; of what CPython refuses it refuses what lexical rules,
// indentation, brackets and the statements' own shape show, not what only a parser of expressions
// would see. Nothing is imported: what a star import brings, or what is made by globals() and exec,
// it cannot know, and [File.Open] says so.
//
// Tables that go with it tell which modules the standard library of a version has ([Standard]) and
// which distribution brings a module ([Distribution]).
//
// Most callers parse a file, ask [File.Missing] which imports would fail, and [File.Lookup] whether
// it defines what an entrypoint names.
package pysource
