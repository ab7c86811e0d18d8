/// Brings JSON text into one form for all texts that say the same: without white space, with the members of each object
/// in the order of their names. SDKs whose maps have no order of their own (Go's, for one) send one request with its
/// members in another order each time.
///
/// Escapes and numbers stay as they are written: one client writes them in one way. What comes out is for comparing,
/// and not quite JSON: each member and element has a comma behind it.
package struct CanonicalJSON {
    private var scanner: JSONScanner
    private var output: [UInt8] = []
    private var open: [Container] = []

    /// An object or array that has not ended yet.
    private struct Container {
        let isArray: Bool
        var members: [Member] = []
        var isSorted = true
    }

    private struct Member {
        let name: UnsafeRawBufferPointer
        /// Where it begins in the output; it ends where the next one begins.
        let start: Int
    }

    /// Takes no stack, however deep the value is nested. A level whose members are not in order is copied once.
    ///
    /// - Throws: `InputError` for what is no JSON, or is nested too deep.
    package static func bytes(of text: [UInt8]) throws(InputError) -> [UInt8] {
        let result = text.withUnsafeBytes { (text) -> Result<[UInt8], InputError> in
            var writer = CanonicalJSON(scanner: JSONScanner(text))
            do throws(InputError) {
                try writer.writeValue()
                return .success(writer.output)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init(scanner: JSONScanner) { self.scanner = scanner }

    private mutating func writeValue() throws(InputError) {
        repeat {
            switch scanner.peek() {
            case UInt8(ascii: "{"): if try begin(isArray: false) { continue }
            case UInt8(ascii: "["): if try begin(isArray: true) { continue }
            case UInt8(ascii: "\""): write(try scanner.readString())
            case UInt8(ascii: "t"): try writeLiteral("true")
            case UInt8(ascii: "f"): try writeLiteral("false")
            case UInt8(ascii: "n"): try writeLiteral("null")
            default: output.append(contentsOf: try scanner.readNumber().text)
            }
            // A value has ended: so may have containers that it was the last of.
            while let container = open.last {
                output.append(UInt8(ascii: ","))
                if scanner.skip(UInt8(ascii: ",")) {
                    if !container.isArray { try beginMember() }
                    break
                }
                guard scanner.skip(container.isArray ? UInt8(ascii: "]") : UInt8(ascii: "}")) else { throw .malformed }
                end()
            }
        } while !open.isEmpty
    }

    /// Begins a container. False when it is empty, and has ended.
    private mutating func begin(isArray: Bool) throws(InputError) -> Bool {
        guard open.count < ItemLimits.jsonNestingMax else { throw .malformed }
        let opener = UInt8(ascii: isArray ? "[" : "{")
        output.append(opener)
        _ = scanner.skip(opener)
        open.append(Container(isArray: isArray))
        if scanner.skip(UInt8(ascii: isArray ? "]" : "}")) {
            end()
            return false
        }
        if !isArray { try beginMember() }
        return true
    }

    private mutating func beginMember() throws(InputError) {
        let start = output.count
        let name = try scanner.readString()
        guard scanner.skip(UInt8(ascii: ":")) else { throw .malformed }
        write(name)
        output.append(UInt8(ascii: ":"))
        let last = open.count - 1
        if let before = open[last].members.last, StoredForm.compare(before.name, name.raw) > 0 {
            open[last].isSorted = false
        }
        open[last].members.append(Member(name: name.raw, start: start))
    }

    private mutating func end() {
        let container = open.removeLast()
        if !container.isSorted {
            let members = container.members
            let ends = members.dropFirst().map(\.start) + [output.count]
            // Of members with one name the order stays, as the last of them is the one that counts.
            let order = members.indices.sorted {
                let order = StoredForm.compare(members[$0].name, members[$1].name)
                return order == 0 ? $0 < $1 : order < 0
            }
            var sorted: [UInt8] = []
            sorted.reserveCapacity(output.count - members[0].start)
            for index in order { sorted.append(contentsOf: output[members[index].start..<ends[index]]) }
            output.replaceSubrange(members[0].start..., with: sorted)
        }
        output.append(container.isArray ? UInt8(ascii: "]") : UInt8(ascii: "}"))
    }

    private mutating func write(_ text: JSONText) {
        output.append(UInt8(ascii: "\""))
        output.append(contentsOf: text.raw)
        output.append(UInt8(ascii: "\""))
    }

    private mutating func writeLiteral(_ literal: StaticString) throws(InputError) {
        try scanner.readLiteral(literal)
        output.append(contentsOf: UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }
}
