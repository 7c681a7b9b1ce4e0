// Package flowcheck finds, by reading, why a flow would fail in the container that a build would make.
//
// It is made of pure functions over the merged tree of the image, what is installed in it, its
// configuration and the text of the project's own files: whether each entrypoint's file is there and
// defines the flow, whether everything that it imports is found, whether the image's user can read and write
// what a run needs. Nothing is run and no file is opened. A finding is an error only where every
// run would fail; what may be meant so is a warning, and what cannot be known is nothing: so what a
// path file, a zip or code that changes sys.path may bring turns errors into warnings.
//
// Most callers make a [Project] with [Entrypoints], call [Findings], and give the result to check.Refuse.
package flowcheck
