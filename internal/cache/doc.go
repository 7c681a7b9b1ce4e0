// Package cache knows what registries say of layers that were built before: records by key, the
// profile of a base and the facts of wheels, so that nothing of it is made or fetched again.
//
// It is the half of "the registry is the cache" that needs no network: bytes in, values out. What it
// reads comes from others and is bounded and checked; what cannot be understood is an error or
// simply not found, and a caller treats both as a miss. Nothing here is ever needed for a correct image.
//
// Trust: a record from a registry says of a key which blob it makes, and nobody can check that but
// by building the layer. Who may write to the repository that is asked could as well have written the image's tag,
// so it is believed for images of that repository, and for --cache-from because the user named it. It
// never becomes a record of this machine: [Origin.Local] says which may be stored as such. What a base
// brings is not believed at all, see [FromImage].
//
// Most callers want [FromImage] and [ParseManifest] to learn, [Known] to look up, [Comment], [Merge] and
// [Contents.Encode] to tell others, [Match] and [Why] to explain what is built all the same.
package cache
