// Package requirement reads what a user says an image needs: requirement files, pip's command line words, pyproject.toml.
//
// Guarantees: requirement files are understood as pip 26 understands them, line by line, and are
// tested against pip's own parser; nothing is opened and no environment variable is read but
// through the functions that a [Reader] was given; a variable that holds credentials of a
// registry or a cloud never gets into a requirement; no message quotes the password of a URL, or a
// line with the values of its variables. What can only be installed by building it is kept, with the reason, so
// that one refusal names all of it: see [Set.For].
//
// Most callers want [Reader.Files] or [Reader.Args], then [Set.For]; for pyproject.toml
// [ParseProject].
package requirement
