// Package marker parses requirements and environment markers, and evaluates markers for an image (PEP 508, the dependency
// specifiers specification as amended in January 2026).
//
// Guarantees: evaluation depends on nothing but the values it is given, never on the machine; a marker that cannot be
// evaluated is an error, never true or false; only fields that hold versions are compared as versions; the extra field
// is compared with the set of all requested extras at once. Where the specification leaves room, the answers are those
// of pypa's packaging.
//
// Most callers want [ParseRequirement] and [Marker.Evaluate] with the environment of [Linux].
package marker
