/// A pull reader of a request's JSON: the caller says what it expects, member by member, and nothing is built in
/// between. One pass; its errors are AWS's.
///
/// ```
/// guard try reader.beginStructure("PutItemInput", in: .root) else { … }
/// while let name = try reader.nextMember() {
///     switch name {
///     case "TableName": tableName = try reader.readString()
///     default: try reader.skipValue()
///     }
/// }
/// ```
///
/// `null` stands for a member that is not there: every read returns nil for it, every `begin` false.
package struct JSONReader {
    /// Where the reader is.
    var scanner: JSONScanner

    /// Whether a container has just been opened, so that no comma comes before what is in it.
    private var isAtFirst = false

    /// The containers that are open.
    private var depth = 0

    /// AWS's message for the first attribute value that is well formed and not allowed. The request's types are checked
    /// in full before any value is, so it is kept until the caller asks.
    package var problem: String?

    /// The same for members that the caller keeps apart, by their names.
    package var keptProblems: [String: String] = [:]

    /// The same for the parameters of statements, by the place of the first of a statement's.
    package var parameterProblems: [Int: String] = [:]

    /// Whether parameters of statements are being read.
    package var isInParameters = false

    /// The same for the values that `readNamedValues` has read, with the name of the first.
    package internal(set) var memberProblem: (name: String, message: String)?

    /// Reads text that must stay where it is while the reader, and what it returned, are in use.
    package init(_ text: UnsafeRawBufferPointer) { scanner = JSONScanner(text) }

    /// Where a structure stands, which AWS's message for a wrong type depends on.
    package enum Place: Sendable {
        /// The request itself.
        case root
        /// A member of a structure.
        case member
        /// A value of a map or list.
        case element
    }

    // MARK: Containers

    /// Whether an object, an array or `null` comes next.
    package var isAtContainerOrNull: Bool {
        mutating get {
            switch scanner.peek() {
            case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "n"): true
            default: false
            }
        }
    }

    /// Begins an object that is a structure of that name. False for `null`.
    package mutating func beginStructure(_ name: StaticString, in place: Place) throws(InputError) -> Bool {
        switch scanner.peek() {
        case UInt8(ascii: "{"):
            try beginContainer()
            return true
        case UInt8(ascii: "["):
            try scanner.skipValue(depth: depth)
            throw .serialization("Unrecognized collection type class \(Self.package).\(name)")
        default:
            let message: StaticString =
                place == .element ? "Unexpected value type in payload" : "Unexpected field type"
            return try readNullInstead(of: message)
        }
    }

    /// Begins an object that is a map. False for `null`.
    ///
    /// - Parameter values: the Java class of its values, as AWS's message names it.
    package mutating func beginMap(of values: StaticString) throws(InputError) -> Bool {
        switch scanner.peek() {
        case UInt8(ascii: "{"):
            try beginContainer()
            return true
        case UInt8(ascii: "["):
            try scanner.skipValue(depth: depth)
            throw .serialization("Unrecognized collection type java.util.Map<java.lang.String, \(values)>")
        default: return try readNullInstead(of: "Unexpected field type")
        }
    }

    /// The Java package that AWS's messages name structures in.
    private static let package: StaticString = "com.amazonaws.dynamodb.v20120810"

    /// The Java class of attribute values, for `beginMap`.
    package static let attributeValueClass: StaticString = "com.amazonaws.dynamodb.v20120810.AttributeValue"

    /// Begins an array. False for `null`.
    package mutating func beginList() throws(InputError) -> Bool {
        switch scanner.peek() {
        case UInt8(ascii: "["):
            try beginContainer()
            return true
        case UInt8(ascii: "{"):
            try scanner.skipValue(depth: depth)
            throw .serialization("Start of structure or map found where not expected")
        default: return try readNullInstead(of: "Unexpected field type")
        }
    }

    /// The name of the object's next member, whose value must be read or skipped; nil when the object has ended.
    package mutating func nextMember() throws(InputError) -> JSONText? {
        guard try isMore(before: UInt8(ascii: "}")) else { return nil }
        let name = try scanner.readString()
        guard scanner.skip(UInt8(ascii: ":")) else { throw .malformed }
        return name
    }

    /// Whether the array has another element, which must be read or skipped; false when it has ended.
    package mutating func nextElement() throws(InputError) -> Bool { try isMore(before: UInt8(ascii: "]")) }

    @inline(__always)
    private mutating func beginContainer() throws(InputError) {
        guard depth < ItemLimits.jsonNestingMax else { throw .malformed }
        scanner.skipOne()
        depth += 1
        isAtFirst = true
    }

    @inline(__always)
    private mutating func isMore(before closer: UInt8) throws(InputError) -> Bool {
        let isFirst = isAtFirst
        isAtFirst = false
        if scanner.skip(closer) {
            depth -= 1
            return false
        }
        if !isFirst {
            guard scanner.skip(UInt8(ascii: ",")) else { throw .malformed }
        }
        return true
    }

    /// Reads a scalar where an object or array should be: nothing when it is `null`, else the error.
    private mutating func readNullInstead(of message: StaticString) throws(InputError) -> Bool {
        if try readNull() { return false }
        try scanner.skipValue(depth: depth)
        throw .serialization("\(message)")
    }

    // MARK: Scalars

    /// Reads `null` if it comes next.
    package mutating func readNull() throws(InputError) -> Bool {
        guard scanner.peek() == UInt8(ascii: "n") else { return false }
        try scanner.readLiteral("null")
        return true
    }

    /// Reads a string, as it lies.
    package mutating func readText() throws(InputError) -> JSONText? {
        if scanner.peek() == UInt8(ascii: "\"") { return try scanner.readString() }
        if try readNull() { return nil }
        throw try wrongScalar(for: "String")
    }

    /// Reads a string.
    package mutating func readString() throws(InputError) -> String? { try readText()?.string }

    /// Reads a truth value. As AWS does, takes `"true"`, `"1"`, `"yes"` and their opposites in any case.
    package mutating func readBoolean() throws(InputError) -> Bool? {
        switch scanner.peek() {
        case UInt8(ascii: "t"):
            try scanner.readLiteral("true")
            return true
        case UInt8(ascii: "f"):
            try scanner.readLiteral("false")
            return false
        case UInt8(ascii: "\""):
            switch try scanner.readString().string.uppercased() {
            case "TRUE", "1", "YES": return true
            case "FALSE", "0", "NO": return false
            default: throw .serialization("Unexpected token received from parser")
            }
        case UInt8(ascii: "n"):
            _ = try readNull()
            return nil
        default: throw try wrongScalar(for: "Boolean")
        }
    }

    /// Reads a whole number; a fraction is cut off.
    ///
    /// - Parameter javaClass: the class that AWS's message names: `Integer` or `Long`.
    package mutating func readInteger(_ javaClass: StaticString = "Integer") throws(InputError) -> Int? {
        switch scanner.peek() {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let number = try scanner.readNumber()
            guard let value = number.integer else { throw .serialization("") }
            return value
        case UInt8(ascii: "n"):
            _ = try readNull()
            return nil
        default: throw try wrongScalar(for: javaClass)
        }
    }

    /// Reads any number that is not too large for a double.
    package mutating func readDouble() throws(InputError) -> Double? {
        switch scanner.peek() {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let number = try scanner.readNumber()
            guard let value = Double(String(decoding: number.text, as: UTF8.self)), value.isFinite else {
                throw .malformed
            }
            return value
        case UInt8(ascii: "n"):
            _ = try readNull()
            return nil
        default: throw try wrongScalar(for: "Double")
        }
    }

    /// Reads a value of any kind and forgets it.
    package mutating func skipValue() throws(InputError) { try scanner.skipValue(depth: depth) }

    /// Makes sure that nothing comes after the request.
    package mutating func end() throws(InputError) {
        guard scanner.isAtEnd() else { throw .malformed }
    }

    /// The error for a value of another kind where a scalar should be. Reads the value: malformed text is reported
    /// first.
    mutating func wrongScalar(for javaClass: StaticString) throws(InputError) -> InputError {
        let first = scanner.peek()
        if first != UInt8(ascii: "{"), first != UInt8(ascii: "["), let kind = try readScalarKind(first) {
            return .serialization("\(kind) cannot be converted to \(javaClass)")
        }
        try scanner.skipValue(depth: depth)
        return .serialization(
            first == UInt8(ascii: "[")
                ? "Unrecognized collection type class java.lang.\(javaClass)"
                : "Start of structure or map found where not expected")
    }

    /// Reads a scalar. Returns AWS's name for its kind.
    private mutating func readScalarKind(_ first: UInt8) throws(InputError) -> StaticString? {
        switch first {
        case UInt8(ascii: "t"):
            try scanner.readLiteral("true")
            return "TRUE_VALUE"
        case UInt8(ascii: "f"):
            try scanner.readLiteral("false")
            return "FALSE_VALUE"
        case UInt8(ascii: "\""):
            _ = try scanner.readString()
            return "STRING_VALUE"
        default: return try scanner.readNumber().isInteger ? "NUMBER_VALUE" : "DECIMAL_VALUE"
        }
    }
}

extension JSONNumber {
    /// The number without its fraction; nil beyond 64 bits.
    fileprivate var integer: Int? {
        let digits = String(decoding: text, as: UTF8.self)
        if isInteger { return Int(digits) }
        guard let value = Double(digits) else { return nil }
        return Int(exactly: value.rounded(.down))
    }
}
