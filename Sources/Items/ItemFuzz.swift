import Bytes

/// What a fuzzer feeds: any bytes at all must be answered with an item or an error.
package enum ItemFuzz {
    /// Reads bytes as a request's item, and what came of it back: traps when the stored form contradicts itself or does
    /// not survive being written and read again. Returns whether there was an item.
    package static func readItem(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var builder = ValueBuilder(capacity: bytes.count)
        guard let item = read(bytes, into: &builder) else { return false }
        precondition(item.count <= bytes.count, "An item's form is longer than its text")
        let view = builder.item(at: item)
        precondition(StoredForm.isItem(view.bytes), "What the reader wrote is no item")
        precondition(view.size >= 0, "An item has no size")
        var writer = JSONWriter()
        writer.item(view)
        var again = ValueBuilder()
        guard let second = read(writer.bytes, into: &again) else { preconditionFailure("An item's text is refused") }
        precondition(again.item(at: second).isEqual(to: view), "An item changed on its way through JSON")
        return true
    }

    private static func read(_ text: UnsafeRawBufferPointer, into builder: inout ValueBuilder) -> Range<Int>? {
        var reader = JSONReader(text)
        do throws(InputError) {
            guard let item = try reader.readItem(into: &builder) else { return nil }
            try reader.end()
            return reader.takeProblem() == nil ? item : nil
        } catch {
            return nil
        }
    }
}
