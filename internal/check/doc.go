// Package check finds, by reading, what cannot work in the container that a build would make.
//
// It is made of pure functions over what is known of the base and of the new layers: shared libraries
// ([Libraries.Findings]) and the requirements of installed distributions ([Closure]). Nothing is
// run and no file is opened. A false alarm stops a build that would have worked, a miss is what the
// user has today: what is only likely is a warning, and what cannot be known is nothing.
//
// Most callers collect findings, show the warnings, and give all of them to [Refuse].
package check
