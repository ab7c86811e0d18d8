/// A Swift file, and the same with comments and the contents of string literals blanked out: what rules about code look
/// at.
struct SwiftSource: Sendable {
    let path: String
    let lines: [String]
    let codeLines: [String]

    init(path: String, text: String) {
        self.path = path
        lines = Self.split(text)
        codeLines = Self.split(CodeBlanker.code(of: text))
    }

    private static func split(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// A function, initialiser or subscript with a body.
    struct Function: Equatable {
        /// The first line, counted from 1.
        var line: Int
        var lineCount: Int
    }

    /// All functions, initialisers and subscripts that have a body, by its braces.
    var functions: [Function] {
        let code = codeLines.joined(separator: "\n").utf8.map { $0 }
        var functions: [Function] = []
        var line = 1
        for index in code.indices {
            if code[index] == UInt8(ascii: "\n") { line += 1 }
            guard Self.startsFunction(code, index), let end = Self.bodyEnd(code, from: index) else { continue }
            let newlines = code[index..<end].count { $0 == UInt8(ascii: "\n") }
            functions.append(Function(line: line, lineCount: newlines + 1))
        }
        return functions
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "`"):
            true
        default: byte >= 0x80
        }
    }

    private static func startsFunction(_ code: [UInt8], _ index: Int) -> Bool {
        if index > 0, isWordByte(code[index - 1]) || code[index - 1] == UInt8(ascii: ".") { return false }
        for keyword in ["func", "init", "subscript"] where code[index...].starts(with: keyword.utf8) {
            let next = index + keyword.utf8.count
            return next < code.count && !isWordByte(code[next])
        }
        return false
    }

    /// The place after the closing brace of the body of the declaration at `start`; nil when it has no body.
    private static func bodyEnd(_ code: [UInt8], from start: Int) -> Int? {
        var parentheses = 0
        var braces = 0
        var index = start
        while index < code.count {
            switch code[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
            case UInt8(ascii: "{") where parentheses == 0 || braces > 0: braces += 1
            case UInt8(ascii: "}") where parentheses == 0 || braces > 0:
                braces -= 1
                if braces < 0 { return nil }
                if braces == 0 { return index + 1 }
            case UInt8(ascii: "\n") where parentheses == 0 && braces == 0:
                if !continuesSignature(code[(index + 1)...]) { return nil }
            default: break
            }
            index += 1
        }
        return nil
    }

    /// Whether a declaration goes on in the line that `rest` begins with.
    private static func continuesSignature(_ rest: ArraySlice<UInt8>) -> Bool {
        let line = rest.drop { $0 == UInt8(ascii: " ") }
        return ["{", "->", "where", "throws", "async", "rethrows", ")"].contains { line.starts(with: $0.utf8) }
    }
}
