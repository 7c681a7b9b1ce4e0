// Package index asks package indexes which wheels there are, what they require, and for their bytes.
//
// It speaks the Simple API in JSON and HTML (PEP 503, 691 and 700; yanked files, PEP 592; metadata
// beside the wheel, PEP 658 and 714; project status, PEP 792), flat pages and folders as of pip's
// --find-links, and reads pip's configuration.
//
// Guarantees: each name is asked for once; of several indexes the first that has a name is the
// only one that counts for it, so that a name of a private index cannot be taken over in a public
// one; credentials go to the origin they were given for and stand in no error; nothing that an
// index sends is believed further than it can be checked, nor larger than a bound: files of other
// names are left out, metadata and wheels are verified by hash, and only what passed is kept.
//
// Nothing here reads the clock, the environment or the host's files: they arrive in [Options], and
// so does what sends requests ([Doer]). That one must follow redirects without taking Authorization
// to another origin, and repeat what is worth repeating; this package goes on where a body broke off.
//
// Most callers want [New], then [Client.Project], a [Selector] to choose the wheels that fit an
// image, [Client.Metadata], and [Client.Download], or [Client.Remote] for wheels that are read while
// they arrive. All are safe for parallel use.
package index
