// Package resolve chooses one version of each distribution that requirements ask for, for one environment.
//
// Guarantees: the answer depends on the input and on what the provider tells, never on the order or speed of its answers;
// of every name the candidates are asked for once, of every candidate the metadata, and neither when the version that the
// base has is good enough; what is returned satisfies all requirements, and a failure is proved by a derivation (PubGrub).
// Ordinary cases get the versions of uv and pip: the newest, decided in the order in which requirements are met, breadth first.
//
// Most callers want [Resolve], with a [Provider] that speaks to an index or a folder, and print [Unsolvable].
package resolve
