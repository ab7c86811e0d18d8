import Bytes

/// Writes JSON: answers' members by name, items straight from their stored form.
///
/// The caller sees to it that objects hold names with values and arrays values; commas come by themselves.
package struct JSONWriter: ~Copyable {
    private var output: ByteBuilder
    private var isAtFirst = true

    /// - Parameter capacity: the bytes that can be written before memory has to grow.
    package init(capacity: Int = 512) { output = ByteBuilder(capacity: capacity) }

    /// The text written so far, valid until more is written.
    package var bytes: UnsafeRawBufferPointer { output.bytes }

    /// The bytes written so far.
    package var count: Int { output.count }

    /// A copy of the text written so far.
    package func copyBytes() -> [UInt8] { output.copyBytes() }

    // MARK: Structure

    /// Begins an object: names and values follow.
    package mutating func beginObject() { begin(UInt8(ascii: "{")) }

    /// Ends an object.
    package mutating func endObject() { end(UInt8(ascii: "}")) }

    /// Begins an array: values follow.
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }

    /// Ends an array.
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    private mutating func begin(_ opener: UInt8) {
        beginValue()
        output.append(opener)
        isAtFirst = true
    }

    private mutating func end(_ closer: UInt8) {
        output.append(closer)
        isAtFirst = false
    }

    private mutating func beginValue() {
        if !isAtFirst { output.append(UInt8(ascii: ",")) }
        isAtFirst = false
    }

    /// A member's name, which needs no escape.
    package mutating func name(_ name: StaticString) {
        beginValue()
        output.append(UInt8(ascii: "\""))
        output.append(name)
        output.append("\":")
        isAtFirst = true
    }

    /// A member's name.
    package mutating func name(_ name: UnsafeRawBufferPointer) {
        beginValue()
        appendString(name)
        output.append(UInt8(ascii: ":"))
        isAtFirst = true
    }

    /// A member's name.
    package mutating func name(_ name: String) {
        var text = name
        text.withUTF8 { self.name(UnsafeRawBufferPointer($0)) }
    }

    // MARK: Values

    /// A string, escaped as it must be.
    package mutating func string(_ utf8: UnsafeRawBufferPointer) {
        beginValue()
        appendString(utf8)
    }

    /// A string, escaped as it must be.
    package mutating func string(_ string: String) {
        var text = string
        text.withUTF8 { self.string(UnsafeRawBufferPointer($0)) }
    }

    /// A whole number.
    package mutating func integer(_ value: Int) {
        beginValue()
        output.append(String(value))
    }

    /// A finite number, with a fraction even where it is whole.
    package mutating func double(_ value: Double) {
        precondition(value.isFinite, "JSON has no such number")
        beginValue()
        output.append("\(value)")
    }

    /// A truth value.
    package mutating func boolean(_ value: Bool) {
        beginValue()
        output.append(value ? "true" : "false")
    }

    /// Nothing.
    package mutating func null() {
        beginValue()
        output.append("null")
    }

    /// Bytes in Base64.
    package mutating func blob(_ bytes: UnsafeRawBufferPointer) {
        beginValue()
        appendBase64(bytes)
    }

    // MARK: Items

    /// An item as an object of its attributes.
    package mutating func item(_ item: ItemView) {
        beginValue()
        appendMembers(item.attributes)
    }

    /// Those of an item's attributes that are asked for.
    ///
    /// - Parameter names: in the order of their bytes, without duplicates.
    package mutating func item(_ item: ItemView, only names: [[UInt8]]) {
        beginValue()
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        var index = 0
        for (name, value) in item.attributes {
            while index < names.count, names[index].withUnsafeBytes({ StoredForm.compare($0, name) }) < 0 { index += 1 }
            guard index < names.count else { break }
            guard names[index].withUnsafeBytes({ StoredForm.isEqual($0, name) }) else { continue }
            appendMember(name, value, isFirst: isFirst)
            isFirst = false
        }
        output.append(UInt8(ascii: "}"))
    }

    /// An attribute value, as an object of one member.
    package mutating func value(_ value: ValueView) {
        beginValue()
        appendValue(value)
    }

    private mutating func appendMembers(_ members: MapView) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for (name, value) in members {
            appendMember(name, value, isFirst: isFirst)
            isFirst = false
        }
        output.append(UInt8(ascii: "}"))
    }

    private mutating func appendMember(_ name: UnsafeRawBufferPointer, _ value: ValueView, isFirst: Bool) {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        appendString(name)
        output.append(UInt8(ascii: ":"))
        appendValue(value)
    }

    private mutating func appendValue(_ value: ValueView) {
        switch value.type {
        case .string:
            output.append("{\"S\":")
            appendString(value.payload)
        case .number:
            output.append("{\"N\":")
            appendNumber(value.payload)
        case .binary:
            output.append("{\"B\":")
            appendBase64(value.payload)
        case .boolean: output.append(value.boolean == true ? "{\"BOOL\":true" : "{\"BOOL\":false")
        case .null: output.append("{\"NULL\":true")
        case .map:
            output.append("{\"M\":")
            appendMembers(MapView(entries: value.payload))
        case .list: appendList(ListView(values: value.payload))
        case .stringSet, .numberSet, .binarySet: appendSet(SetView(elements: value.payload), of: value.type)
        }
        output.append(UInt8(ascii: "}"))
    }

    private mutating func appendList(_ list: ListView) {
        output.append("{\"L\":[")
        var isFirst = true
        for value in list {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            appendValue(value)
        }
        output.append(UInt8(ascii: "]"))
    }

    private mutating func appendSet(_ set: SetView, of type: AttributeType) {
        output.append(type == .stringSet ? "{\"SS\":[" : (type == .numberSet ? "{\"NS\":[" : "{\"BS\":["))
        var isFirst = true
        for element in set {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            switch type {
            case .stringSet: appendString(element)
            case .numberSet: appendNumber(element)
            default: appendBase64(element)
            }
        }
        output.append(UInt8(ascii: "]"))
    }

    // MARK: Text

    private mutating func appendNumber(_ bytes: UnsafeRawBufferPointer) {
        let number = Number38(trusted: bytes)
        output.append(UInt8(ascii: "\""))
        output.appendUninitialized(Number38.textByteCountMax) { number.writeText(to: $0) }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func appendBase64(_ bytes: UnsafeRawBufferPointer) {
        output.append(UInt8(ascii: "\""))
        output.appendUninitialized(Base64.encodedCount(bytes.count)) { Base64.encode(bytes, to: $0) }
        output.append(UInt8(ascii: "\""))
    }

    /// A string with what JSON wants escaped; other bytes in runs.
    private mutating func appendString(_ utf8: UnsafeRawBufferPointer) {
        output.reserve(utf8.count + 2)
        output.append(UInt8(ascii: "\""))
        var start = 0
        while true {
            let end = JSONEscapes.firstIndex(in: utf8, from: start)
            output.append(UnsafeRawBufferPointer(rebasing: utf8[start..<end]))
            guard end < utf8.count else { break }
            JSONEscapes.append(utf8[end], to: &output)
            start = end + 1
        }
        output.append(UInt8(ascii: "\""))
    }
}
