/// The smallest piece of an expression.
struct Token {
    /// What a token is by its characters.
    enum Kind: Equatable {
        /// Letters, digits and underscores, a letter first.
        case word
        /// `#` and letters, digits or underscores.
        case nameReference
        /// `:` and letters, digits or underscores.
        case valueReference
        case digits
        /// An operator or a sign of punctuation.
        case symbol
        /// What no expression has.
        case unknown
        case end
    }

    /// What it is by its characters.
    let kind: Kind

    /// Its characters, in the expression.
    let text: Substring

    /// A short word in upper case: what a keyword may be. Empty for other tokens.
    private let upper: String

    /// The longest keyword's letters.
    private static let keywordLengthMax = 7

    init(kind: Kind, text: Substring) {
        self.kind = kind
        self.text = text
        upper = kind == .word && text.utf8.count <= Self.keywordLengthMax ? text.uppercased() : ""
    }

    /// Whether it is a symbol.
    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }

    /// Whether it is a keyword, which is given in upper case, in whatever case.
    func isKeyword(_ keyword: String) -> Bool { upper == keyword }

    /// Whether it is one of some keywords, given in upper case.
    func isKeyword(in keywords: Set<String>) -> Bool { !upper.isEmpty && keywords.contains(upper) }
}

/// Cuts an expression into tokens. Nothing is refused here: what cannot be is `.unknown`, for the parser to find.
struct Lexer {
    private let text: String
    private var index: String.Index

    /// The tokens of `text`, the end as the last.
    static func tokens(of text: String) -> [Token] {
        var lexer = Lexer(text: text, index: text.startIndex)
        var tokens: [Token] = []
        while let token = lexer.next() { tokens.append(token) }
        tokens.append(Token(kind: .end, text: text[text.endIndex...]))
        return tokens
    }

    private init(text: String, index: String.Index) {
        self.text = text
        self.index = index
    }

    private var scalars: String.UnicodeScalarView { text.unicodeScalars }

    private mutating func next() -> Token? {
        skip { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\n" }
        guard index < text.endIndex else { return nil }
        let start = index
        let first = scalars[index]
        index = scalars.index(after: index)
        let kind = kind(first)
        return Token(kind: kind, text: text[start..<index])
    }

    /// Moves to the end of the token that begins with `first`.
    private mutating func kind(_ first: Unicode.Scalar) -> Token.Kind {
        switch first {
        case "a"..."z", "A"..."Z":
            skip(Self.isWordPart)
            return .word
        case "0"..."9":
            skip { "0"..."9" ~= $0 }
            return .digits
        case "#", ":":
            let start = index
            skip(Self.isWordPart)
            guard index > start else { return .unknown }
            return first == "#" ? .nameReference : .valueReference
        case "<":
            if index < text.endIndex, scalars[index] == "=" || scalars[index] == ">" {
                index = scalars.index(after: index)
            }
            return .symbol
        case ">":
            if index < text.endIndex, scalars[index] == "=" { index = scalars.index(after: index) }
            return .symbol
        case "=", "(", ")", "[", "]", ".", ",", "+", "-": return .symbol
        default: return .unknown
        }
    }

    private mutating func skip(_ isPart: (Unicode.Scalar) -> Bool) {
        while index < text.endIndex, isPart(scalars[index]) { index = scalars.index(after: index) }
    }

    private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": true
        default: false
        }
    }
}
