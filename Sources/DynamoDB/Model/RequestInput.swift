import Items

/// A request that has been read: its members, the values that they refer to, and what is wrong with the values.
struct RequestInput<Input: APIInput> {
    /// The members.
    var input: Input

    /// The values that the members refer to.
    let arena: RequestArena

    /// What is wrong with the values.
    let problem: ValueProblem

    /// Reads a request, in one pass. Nothing of `body` is needed afterwards.
    ///
    /// - Throws: a SerializationException for what is no JSON, or has members of wrong types; what the service says
    ///   before all else; a ValidationException that lists what the model's constraints do not allow.
    init(reading body: UnsafeRawBufferPointer) throws(DynamoDBError) {
        // The form of a JSON text is not longer than the text.
        var values = ValueBuilder(capacity: body.count)
        var json = JSONReader(body)
        do throws(InputError) {
            guard let input = try Input.read(from: &json, in: .root, into: &values) else {
                throw .serialization("")
            }
            try json.end()
            self.input = input
        } catch {
            throw DynamoDBError(error)
        }
        problem = ValueProblem(
            first: json.takeProblem(), value: json.memberProblem, kept: json.keptProblems,
            ofParameters: json.parameterProblems)
        arena = RequestArena(values)
        try input.validate()
    }
}

/// AWS's messages for attribute values of a request that are well formed and not allowed. AWS looks at values after all
/// that the model's constraints say.
struct ValueProblem: Equatable {
    /// For the first value of an item, a key or an older parameter; nil when there is none.
    var first: String?

    /// For the first value of a start key; nil when there is none.
    var ofStartKey: String?

    /// For the first value of KeyConditions; nil when there is none.
    var ofKeyConditions: String?

    /// For the first value of an expression, which is looked at after its placeholders; nil when there is none.
    var ofExpression: String?

    /// For the first parameter of each statement where there is one, by the place of the statement's parameters. The
    /// first of them is `first`, too.
    var ofParameters: [Int: String] = [:]

    init(first: String? = nil, ofExpression: String? = nil) {
        self.first = first
        self.ofExpression = ofExpression
    }

    /// - Parameters:
    ///   - value: what is wrong with a value of an expression, and its placeholder.
    ///   - kept: what is wrong with values of members that are kept apart.
    ///   - ofParameters: what is wrong with parameters of statements.
    init(
        first: String?, value: (name: String, message: String)?, kept: [String: String], ofParameters: [Int: String]
    ) {
        self.first = first
        self.ofParameters = ofParameters
        ofExpression = value.map {
            "ExpressionAttributeValues contains invalid value: \($0.message) for key \($0.name)"
        }
        ofKeyConditions = kept["KeyConditions"]
        ofStartKey = kept["ExclusiveStartKey"].map {
            Self.namesNoKey($0) ? $0 : "The provided starting key is invalid: \($0)"
        }
    }

    /// The service does not say of everything that it is wrong with the start key: not of numbers and of duplicates.
    private static func namesNoKey(_ message: String) -> Bool {
        let words = [
            "contains duplicates", "number set", "numeric value", "significant digits", "number with magnitude",
        ]
        return words.contains { message.contains($0) }
    }
}
