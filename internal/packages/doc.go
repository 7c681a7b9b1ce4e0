// Package packages finds the wheels for what a user asks for: requirement files, words, locks and
// dependency groups become one list of wheels for one image.
//
// Guarantees: what the base has and is good enough is never asked for anywhere; a lock is followed
// to the file and asks no index where it names the files; whatever else is chosen satisfies all that
// was asked, or the refusal says why nothing can. Nothing is downloaded to choose but metadata.
//
// Most callers want [New], then [Finder.Find], and [Finder.Open] for the wheels whose bytes they need.
package packages
