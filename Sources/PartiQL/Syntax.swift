/// An expression as the text has it: nothing is known of its values yet.
indirect enum SyntaxNode {
    case path(SyntaxPath)
    case string(String, SourceSpan)
    /// With its sign; the span is that of the digits.
    case number(String, SourceSpan)
    case boolean(Bool, SourceSpan)
    case null(SourceSpan)
    case missing(SourceSpan)
    /// `?`: which one, from 0.
    case parameter(Int, SourceSpan)
    case list([SyntaxNode], SourceSpan)
    case bag([SyntaxNode], SourceSpan)
    case map([(key: SyntaxNode, value: SyntaxNode)], SourceSpan)
    case not(SyntaxNode, SourceSpan)
    case binary(String, SyntaxNode, SyntaxNode, SourceSpan)
    case between(SyntaxNode, SyntaxNode, SyntaxNode, SourceSpan)
    /// IS: the type's name in lower case.
    case hasType(SyntaxNode, String, SourceSpan)
    /// A function, its name in lower case.
    case call(String, [SyntaxNode], SourceSpan)
    /// What PartiQL has and DynamoDB has not.
    case unsupported(String, SourceSpan)

    /// Where its first token is, or its operator.
    var span: SourceSpan {
        switch self {
        case .path(let path): path.span
        case .string(_, let span), .number(_, let span), .boolean(_, let span), .null(let span), .missing(let span),
            .parameter(_, let span), .list(_, let span), .bag(_, let span), .map(_, let span), .not(_, let span),
            .binary(_, _, _, let span), .between(_, _, _, let span), .hasType(_, _, let span), .call(_, _, let span),
            .unsupported(_, let span):
            span
        }
    }

    /// What messages call it, in a place where it is not supported.
    var kind: String {
        switch self {
        case .path: "VariableReference"
        case .string, .number, .boolean, .null: "Literal"
        case .missing: "MISSING"
        case .parameter: "Parameter"
        case .list, .bag: "Seq"
        case .map: "Struct"
        case .not: "not"
        case .binary(let name, _, _, _): name
        case .between: "between"
        case .hasType: "IsType"
        case .call(let name, _, _): name
        case .unsupported(let name, _): name
        }
    }
}

/// A path as the text has it.
struct SyntaxPath {
    /// A step behind the first name.
    enum Step {
        case name(String)
        case index(SyntaxNode)
        /// `.*` or `[*]`.
        case wildcard
    }

    /// The first name.
    let name: String

    /// Where the first name is.
    let span: SourceSpan

    /// The steps behind it.
    var steps: [Step] = []
}

/// A statement as the text has it.
enum SyntaxStatement {
    case select(SyntaxSelect)
    /// EXISTS(SELECT …), alone.
    case exists(SyntaxSelect)
    case insert(SyntaxPath, SyntaxNode)
    case update(SyntaxChange)
    case delete(SyntaxChange)
    /// An expression, which is no statement of DynamoDB's.
    case expression(SyntaxNode)
}

/// What a SELECT says.
struct SyntaxSelect {
    /// An expression, and whether it has another name.
    struct Item {
        let node: SyntaxNode
        let isAliased: Bool
    }

    /// A key to order by.
    struct Order {
        let node: SyntaxNode
        let isDescending: Bool
    }

    /// What is selected; nil for everything.
    var items: [Item]?
    var source: SyntaxNode
    var isAliased = false
    var condition: SyntaxNode?
    var order: [Order] = []
    /// A clause that DynamoDB has not: its name, and where it says what it does.
    var unsupportedClause: (name: String, span: SourceSpan)?
}

/// What an UPDATE or DELETE says.
struct SyntaxChange {
    /// What happens to a path.
    enum Action {
        case set(SyntaxPath, SyntaxNode)
        case remove(SyntaxPath)
    }

    var source: SyntaxPath
    var isAliased = false
    /// None for a DELETE.
    var actions: [Action] = []
    var condition: SyntaxNode?
    /// The RETURNING clause's words; `*` is the only column that is supported.
    var returning: (returning: Returning, isEverything: Bool)?
}
