// Package place holds where an item is put in a list.
package place

// Place is a place in a list.
type Place struct {
	// Kind is its number in the contract.
	Kind Kind
	// Path of the item beside it, where the kind has one.
	Path string
}

// Kind is what a place is beside.
type Kind uint8

// The kinds, in the contract's order.
const (
	First Kind = iota
	Last
	Before
	After
)
