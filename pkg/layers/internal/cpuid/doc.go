// Package cpuid says which instructions this processor has, of those that the assembly of other packages
// uses and that not every amd64 processor has. On other architectures it has nothing to say.
package cpuid
