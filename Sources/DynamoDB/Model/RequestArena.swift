package import Items

/// An item, a key or a map of expression values of a request: where its stored form lies in the request's arena.
package struct ItemRef: Sendable, Hashable {
    /// The bytes of its stored form.
    package let range: Range<Int>

    package init(_ range: Range<Int>) { self.range = range }
}

/// An attribute value of a request: where its stored form lies in the request's arena.
package struct ValueRef: Sendable, Hashable {
    /// The bytes of its stored form.
    package let range: Range<Int>

    package init(_ range: Range<Int>) { self.range = range }
}

/// All items and values of one request, in the stored form that they were read to.
///
/// Views are of the arena's own memory: hold on to the arena (`withExtendedLifetime`) as long as one is in use.
// Unchecked: the builder is only read once it is here, and its bytes never move again.
package final class RequestArena: @unchecked Sendable {
    private let values: ValueBuilder

    /// Takes what a request's readers have filled.
    package init(_ values: consuming ValueBuilder) { self.values = values }

    /// An item in place.
    package func item(_ ref: ItemRef) -> ItemView { values.item(at: ref.range) }

    /// A value in place.
    package func value(_ ref: ValueRef) -> ValueView { values.value(at: ref.range) }

    /// A copy of an item's stored form.
    package func copyBytes(_ ref: ItemRef) -> [UInt8] { values.output.copyBytes(ref.range) }

    /// A copy of a value's stored form.
    package func copyBytes(_ ref: ValueRef) -> [UInt8] { values.output.copyBytes(ref.range) }
}
