import Items

/// A request that has been read: its members, the values that they refer to, and what is wrong with the values.
struct RequestInput<Input: APIInput> {
    /// The members.
    var input: Input

    /// The values that the members refer to.
    let arena: RequestArena

    /// AWS's message for the first attribute value that is well formed and not allowed; nil when there is none. AWS
    /// looks at values after everything that `validate` does.
    let problem: String?

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
        problem = json.takeProblem()
        arena = RequestArena(values)
        try input.validate()
    }
}
