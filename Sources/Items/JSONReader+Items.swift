import Bytes

/// Items and attribute values, from the request's bytes to the stored form.
///
/// A value that is well formed JSON of the right types but not allowed (an empty set, no number) leaves AWS's message
/// in `problem` and something in its place; the caller, who knows when AWS looks at values, asks `takeProblem`.
extension JSONReader {
    /// AWS's message for the first value not allowed since it was last asked for.
    package mutating func takeProblem() -> String? {
        defer { problem = nil }
        return problem
    }

    /// Reads an object of attributes. Returns the range of the item's bytes in `builder`; nil for `null`.
    package mutating func readItem(into builder: inout ValueBuilder) throws(InputError) -> Range<Int>? {
        guard try beginMap(of: Self.attributeValueClass) else { return nil }
        var item = builder.beginItem()
        while let name = try nextMember() {
            try appendName(name, to: &builder, in: &item)
            try readValue(into: &builder, level: 1)
        }
        guard let range = builder.endItem(item) else { throw .serialization("") }
        return range
    }

    /// Reads an object of attributes as `readItem` does, but keeps what is not allowed apart: in `memberProblem`, with
    /// the attribute's name.
    package mutating func readNamedValues(into builder: inout ValueBuilder) throws(InputError) -> Range<Int>? {
        guard try beginMap(of: Self.attributeValueClass) else { return nil }
        var item = builder.beginItem()
        let kept = problem
        while let name = try nextMember() {
            problem = nil
            try appendName(name, to: &builder, in: &item)
            try readValue(into: &builder, level: 1)
            if let problem, memberProblem == nil { memberProblem = (name.string, problem) }
        }
        problem = kept
        guard let range = builder.endItem(item) else { throw .serialization("") }
        return range
    }

    /// Reads an attribute value. Returns the range of its bytes in `builder`; nil for `null`.
    ///
    /// - Parameter place: `.member` where a structure holds the value, `.element` in a map or list.
    package mutating func readAttributeValue(
        into builder: inout ValueBuilder, in place: Place
    ) throws(InputError) -> Range<Int>? {
        guard try !readNull() else { return nil }
        let start = builder.count
        try readValue(into: &builder, level: 1, in: place)
        return start..<builder.count
    }

    private mutating func note(_ message: @autoclosure () -> String) {
        if problem == nil { problem = message() }
    }

    private mutating func appendName(
        _ name: JSONText, to builder: inout ValueBuilder, in container: inout ValueBuilder.Open
    ) throws(InputError) {
        let start = builder.count
        builder.appendCounted(name)
        builder.noteEntry(at: start, in: &container)
        let size = name.decodedByteCount
        if size == 0 {
            note("Empty attribute name")
        } else if size > ItemLimits.nameSizeMax {
            note("Attribute name is too large, must be less than 65536 bytes")
        }
    }

    // MARK: Values

    private mutating func readValue(
        into builder: inout ValueBuilder, level: Int, in place: Place = .element
    ) throws(InputError) {
        let start = builder.count
        guard level <= ItemLimits.nestingMax else {
            note(
                "Nesting Levels have exceeded supported limits: "
                    + "Attributes in the item have nested levels beyond supported limit")
            try skipValue()
            builder.appendNull()
            return
        }
        var typesRead = 0
        if try beginStructure("AttributeValue", in: place) {
            while let name = try nextMember() {
                guard let type = Self.type(named: name) else {
                    try skipValue()
                    continue
                }
                builder.truncate(to: start)
                if try readContents(of: type, into: &builder, level: level) { typesRead += 1 }
            }
        }
        if typesRead == 0 {
            note("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
            builder.truncate(to: start)
            builder.appendNull()
        } else if typesRead > 1 {
            note(
                "Supplied AttributeValue has more than one datatypes set, "
                    + "must contain exactly one of the supported datatypes")
        }
    }

    private static func type(named name: JSONText) -> AttributeType? {
        guard !name.isEscaped else { return AttributeType(name: name.string) }
        switch name.raw.count {
        case 1:
            switch name.raw[0] {
            case UInt8(ascii: "S"): return .string
            case UInt8(ascii: "N"): return .number
            case UInt8(ascii: "M"): return .map
            case UInt8(ascii: "L"): return .list
            case UInt8(ascii: "B"): return .binary
            default: return nil
            }
        case 2:
            guard name.raw[1] == UInt8(ascii: "S") else { return nil }
            switch name.raw[0] {
            case UInt8(ascii: "S"): return .stringSet
            case UInt8(ascii: "N"): return .numberSet
            case UInt8(ascii: "B"): return .binarySet
            default: return nil
            }
        case 4: return "BOOL" ~= name ? .boolean : ("NULL" ~= name ? .null : nil)
        default: return nil
        }
    }

    /// Reads what a value's one member holds. Appends nothing and returns false for `null`.
    private mutating func readContents(
        of type: AttributeType, into builder: inout ValueBuilder, level: Int
    ) throws(InputError) -> Bool {
        switch type {
        case .string:
            guard let text = try readText() else { return false }
            builder.appendTag(StoredForm.Tag.string)
            builder.appendCounted(text)
        case .number:
            guard let text = try readText() else { return false }
            builder.appendNumber(number(text))
        case .binary:
            guard let bytes = try readBlob() else { return false }
            bytes.withUnsafeBytes { builder.appendBinary($0) }
        case .boolean:
            guard let value = try readBoolean() else { return false }
            builder.appendBoolean(value)
        case .null:
            guard let value = try readBoolean() else { return false }
            if !value {
                note(
                    "One or more parameter values were invalid: "
                        + "Null attribute value types must have the value of true")
            }
            builder.appendNull()
        case .map: return try readMap(into: &builder, level: level)
        case .list: return try readList(into: &builder, level: level)
        case .stringSet, .numberSet, .binarySet: return try readSet(type, into: &builder)
        }
        return true
    }

    private mutating func readMap(into builder: inout ValueBuilder, level: Int) throws(InputError) -> Bool {
        guard try beginMap(of: Self.attributeValueClass) else { return false }
        var map = builder.begin(.map)
        while let name = try nextMember() {
            try appendName(name, to: &builder, in: &map)
            try readValue(into: &builder, level: level + 1)
        }
        guard builder.endMap(map) else { throw .serialization("") }
        return true
    }

    private mutating func readList(into builder: inout ValueBuilder, level: Int) throws(InputError) -> Bool {
        guard try beginList() else { return false }
        let list = builder.begin(.list)
        while try nextElement() { try readValue(into: &builder, level: level + 1) }
        builder.endList(list)
        return true
    }

    /// A number; zero in place of what is none.
    private mutating func number(_ text: JSONText) -> Number38 {
        switch text.withUTF8({ Number38.parse($0) }) {
        case .success(let number): return number
        case .failure(let error):
            let isParameter = isInParameters
            note(isParameter ? error.parameterMessage(for: text.string) : error.message(for: text.string))
            return .zero
        }
    }

    // MARK: Sets

    private mutating func readSet(_ type: AttributeType, into builder: inout ValueBuilder) throws(InputError) -> Bool {
        let textStart = scanner.offset
        guard try beginList() else { return false }
        let start = builder.count
        var set = builder.begin(type)
        var count = 0
        while try nextElement() {
            guard try readElement(of: type, into: &builder, in: &set) else { continue }
            count += 1
        }
        if count == 0 { note(Self.emptyMessage(type)) }
        if !builder.endSet(set) {
            let text = scanner.text(textStart..<scanner.offset)
            note(Self.duplicateMessage(type, text))
            builder.truncate(to: start)
            builder.appendNull()
        }
        return true
    }

    private mutating func readElement(
        of type: AttributeType, into builder: inout ValueBuilder, in set: inout ValueBuilder.Open
    ) throws(InputError) -> Bool {
        if type == .binarySet {
            guard let bytes = try readBlob() else { return false }
            bytes.withUnsafeBytes { builder.appendElement($0, in: &set) }
            return true
        }
        guard let text = try readText() else { return false }
        if type == .numberSet {
            builder.appendElement(number(text), in: &set)
        } else {
            let start = builder.count
            builder.appendCounted(text)
            builder.noteEntry(at: start, in: &set)
        }
        return true
    }

    private static func emptyMessage(_ type: AttributeType) -> String {
        let invalid = "One or more parameter values were invalid: "
        switch type {
        case .stringSet: return invalid + "An string set  may not be empty"
        case .numberSet: return invalid + "An number set  may not be empty"
        default: return invalid + "Binary sets should not be empty"
        }
    }

    /// - Parameter text: the array as it was sent, whose elements the message repeats in their order.
    private static func duplicateMessage(_ type: AttributeType, _ text: UnsafeRawBufferPointer) -> String {
        guard type != .numberSet else { return "Input collection contains duplicates" }
        var elements: [String] = []
        var scanner = JSONScanner(text)
        _ = scanner.skip(UInt8(ascii: "["))
        while let element = try? scanner.readString() {
            elements.append(element.string)
            _ = scanner.skip(UInt8(ascii: ","))
        }
        let suffix = type == .binarySet ? "of type BS contains duplicates." : " contains duplicates."
        return "One or more parameter values were invalid: Input collection ["
            + elements.joined(separator: ", ") + "]" + suffix
    }

    // MARK: Binaries

    /// Reads bytes written in Base64, strictly. Nil for `null`.
    package mutating func readBlob() throws(InputError) -> [UInt8]? {
        switch scanner.peek() {
        case UInt8(ascii: "\""):
            let text = try scanner.readString()
            if let bytes = text.withUTF8({ Base64.decode($0) }) { return bytes }
            throw .serialization(text.withUTF8 { Self.base64Message($0) })
        case UInt8(ascii: "["):
            try skipValue()
            throw .serialization("Unrecognized collection type class java.nio.ByteBuffer")
        case UInt8(ascii: "{"):
            try skipValue()
            throw .serialization("Start of structure or map found where not expected")
        default:
            if try readNull() { return nil }
            try skipValue()
            throw .serialization("only base-64-encoded strings are convertible to bytes")
        }
    }

    private static func base64Message(_ text: UnsafeRawBufferPointer) -> String {
        guard text.count.isMultiple(of: 4) else {
            return "Base64 encoded length is expected a multiple of 4 bytes but found: \(text.count)"
        }
        // AWS's spelling.
        return "Invalid last non-pad Base64 character dectected"
    }
}
