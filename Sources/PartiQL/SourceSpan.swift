/// Where in a statement a token is, as AWS's messages say it.
struct SourceSpan: Equatable {
    /// From 1.
    let line: Int

    /// Of the token's first character in its line, from 1.
    let column: Int

    /// Characters, quotation marks included.
    let length: Int

    /// Line, column and length.
    var description: String { "\(line):\(column):\(length)" }
}
