import Items

/// The shapes of the service's interface, under the names that AWS's model gives them. Generated, except for shapes
/// made of attribute values that are answered, which are written straight from the stored form.
///
/// Each is a value with an optional for every member, by the member's name in lower camel case. What the members mean
/// is in AWS's API reference, shape by shape.
package enum API {}

/// A structure that requests carry.
protocol APIInput: Sendable {
    /// AWS's name for it.
    static var shapeName: StaticString { get }

    init()

    /// Reads the structure's members; members that it does not have are skipped. Nil for `null`.
    ///
    /// - Parameters:
    ///   - values: takes the attribute values that are met.
    ///   - place: where the structure stands, for the wording of errors.
    static func read(
        from json: inout JSONReader, in place: JSONReader.Place, into values: inout ValueBuilder
    ) throws(InputError) -> Self?

    /// What the service says before it looks at anything else; nil when it has no reason to.
    var refusal: String? { get }

    /// Checks the members against the model's constraints.
    func check(_ violations: inout Violations)
}

extension APIInput {
    /// Most structures give no reason.
    var refusal: String? { nil }

    /// Checks the whole structure.
    ///
    /// - Throws: a ValidationException with AWS's message.
    func validate() throws(DynamoDBError) {
        if let refusal { throw .validation(refusal) }
        var violations = Violations()
        check(&violations)
        if let message = violations.message { throw .validation(message) }
    }
}

/// A structure that answers carry.
protocol APIOutput: Sendable {
    /// Writes the structure as an object of the members that are there.
    func write(to json: inout JSONWriter)
}

/// A set of named values. Its cases come in the order in which AWS's messages list them.
protocol APIEnumeration: RawRepresentable, CaseIterable, Sendable where RawValue == String {}

extension APIEnumeration {
    /// The values as AWS's messages list them: `[HASH, RANGE]`.
    static var listing: String { "[" + allCases.map(\.rawValue).joined(separator: ", ") + "]" }
}
