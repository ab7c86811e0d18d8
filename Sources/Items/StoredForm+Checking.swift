import Bytes

extension StoredForm {
    /// Whether the bytes are an item's stored form in every detail: order, counts, encodings, UTF-8 and nesting. For
    /// bytes that no checksum of ours stands for.
    package static func isItem(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.first == version else { return false }
        var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[1...]))
        return (try? checkEntries(&reader, level: 1)) != nil
    }

    private static func checkEntries(_ reader: inout ByteReader, level: Int) throws(ByteReaderError) {
        var last: UnsafeRawBufferPointer?
        while !reader.isAtEnd {
            let name = try reader.readLengthPrefixedSlice()
            guard isUTF8(name), last.map({ compare($0, name) < 0 }) ?? true else { throw .malformed }
            last = name
            try checkValue(&reader, level: level)
        }
    }

    private static func checkValue(_ reader: inout ByteReader, level: Int) throws(ByteReaderError) {
        guard level <= ItemLimits.nestingMax else { throw .malformed }
        guard let type = type(ofTag: try reader.readUInt8()) else { throw .malformed }
        switch type {
        case .string, .number, .binary: try checkElement(type, reader.readLengthPrefixedSlice())
        case .boolean, .null: return
        case .map, .list, .stringSet, .numberSet, .binarySet:
            let count = try reader.readUInt32()
            var contents = ByteReader(try reader.readSlice(Int(count)))
            if type == .map {
                try checkEntries(&contents, level: level + 1)
            } else if let elementType = type.elementType {
                try checkElements(elementType, &contents)
            } else {
                while !contents.isAtEnd { try checkValue(&contents, level: level + 1) }
            }
        }
    }

    private static func checkElements(_ type: AttributeType, _ reader: inout ByteReader) throws(ByteReaderError) {
        var last: UnsafeRawBufferPointer?
        repeat {
            let element = try reader.readLengthPrefixedSlice()
            try checkElement(type, element)
            guard last.map({ compare($0, element) < 0 }) ?? true else { throw .malformed }
            last = element
        } while !reader.isAtEnd
    }

    private static func checkElement(_ type: AttributeType, _ bytes: UnsafeRawBufferPointer) throws(ByteReaderError) {
        if type == .string, !isUTF8(bytes) { throw .malformed }
        if type == .number, Number38(bytes) == nil { throw .malformed }
    }

    private static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
    }
}
