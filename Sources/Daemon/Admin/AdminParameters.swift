private import AWSWire

/// The parameters of a query, each taken once.
struct AdminParameters {
    private var values: [(name: String, value: String)] = []

    /// - Throws: `.malformed`.
    init(_ query: Substring) throws(AdminRefusal) {
        for piece in query.split(separator: "&") {
            let sides = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let value = URLCoding.decode(sides[1], plusIsSpace: false) else {
                throw .malformed("\(piece) is no parameter")
            }
            values.append((String(sides[0]), value))
        }
    }

    /// The value of a parameter; nil when it was not sent.
    ///
    /// - Throws: `.malformed`.
    mutating func take<Value>(
        _ name: String, _ parse: (String) throws(ValueError) -> Value
    ) throws(AdminRefusal) -> Value? {
        guard let index = values.firstIndex(where: { $0.name == name }) else { return nil }
        let value = values.remove(at: index).value
        do throws(ValueError) { return try parse(value) } catch {
            throw .malformed("\(name) \(error.problem)")
        }
    }

    /// The value of a parameter that has to be there.
    ///
    /// - Throws: `.malformed`.
    mutating func require<Value>(
        _ name: String, _ parse: (String) throws(ValueError) -> Value
    ) throws(AdminRefusal) -> Value {
        guard let value = try take(name, parse) else { throw .malformed("\(name) is missing") }
        return value
    }

    /// Nothing is accepted and ignored.
    ///
    /// - Throws: `.malformed`.
    func refuseOthers() throws(AdminRefusal) {
        if let other = values.first { throw .malformed("there is no parameter \(other.name) here, or it came twice") }
    }
}
