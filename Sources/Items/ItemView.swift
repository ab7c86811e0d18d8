/// An item in its stored form, not copied: valid only as long as the bytes it looks at.
package struct ItemView {
    /// The whole stored form.
    package let bytes: UnsafeRawBufferPointer

    /// Looks at bytes that are an item's stored form: read back under a checksum, or written by this process. For bytes
    /// from elsewhere ask `StoredForm.isItem` first.
    package init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.first == StoredForm.version, "An item has a format that this version does not know")
        self.bytes = bytes
    }

    /// The attributes in the order of their names' bytes.
    package var attributes: MapView { MapView(entries: UnsafeRawBufferPointer(rebasing: bytes[1...])) }

    /// The value of a top-level attribute. Skips the ones before it, without looking into their values.
    package subscript(_ name: UnsafeRawBufferPointer) -> ValueView? { attributes[name] }

    /// As of a buffer.
    package subscript(_ name: String) -> ValueView? { attributes[name] }

    /// The bytes that DynamoDB charges for and limits, in one pass.
    package var size: Int { attributes.size }

    /// Whether the items have the same attributes with the same values.
    package func isEqual(to other: ItemView) -> Bool { StoredForm.isEqual(bytes, other.bytes) }
}
