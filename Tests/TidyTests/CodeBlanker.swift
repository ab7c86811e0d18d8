/// Replaces comments and the contents of string literals by spaces, so that braces and words in them do not count.
/// Knows nested comments, raw and multi-line strings and interpolation; what is interpolated is blanked too.
struct CodeBlanker {
    private let text: [UInt8]
    private var code: [UInt8]
    private var index = 0

    /// The text with the same lines and columns, and only code in it.
    static func code(of text: String) -> String {
        var blanker = CodeBlanker(text)
        blanker.run()
        return String(decoding: blanker.code, as: UTF8.self)
    }

    private init(_ text: String) {
        self.text = Array(text.utf8)
        code = self.text
    }

    private func isAt(_ word: String, _ place: Int? = nil) -> Bool { text[(place ?? index)...].starts(with: word.utf8) }

    private mutating func blank(_ count: Int) {
        for place in index..<min(index + count, text.count) where text[place] != UInt8(ascii: "\n") {
            code[place] = UInt8(ascii: " ")
        }
        index = min(index + count, text.count)
    }

    private mutating func run() {
        while index < text.count {
            if isAt("//") {
                while index < text.count, text[index] != UInt8(ascii: "\n") { blank(1) }
            } else if isAt("/*") {
                blankComment()
            } else if let hashes = stringStart() {
                blankString(hashes: hashes)
            } else {
                index += 1
            }
        }
    }

    private mutating func blankComment() {
        var depth = 0
        repeat {
            if isAt("/*") {
                depth += 1
                blank(2)
            } else if isAt("*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && index < text.count
    }

    /// How many number signs open the string literal that begins here; nil when none does.
    private func stringStart() -> Int? {
        var hashes = 0
        while isAt("#", index + hashes) { hashes += 1 }
        return isAt("\"", index + hashes) ? hashes : nil
    }

    private mutating func blankString(hashes: Int) {
        let pound = String(repeating: "#", count: hashes)
        let quote = isAt("\"\"\"", index + hashes) ? "\"\"\"" : "\""
        blank(hashes + quote.utf8.count)
        while index < text.count {
            if isAt(quote + pound) {
                return blank(quote.utf8.count + hashes)
            } else if isAt("\\" + pound + "(") {
                blank(2 + hashes)
                blankInterpolation()
            } else if isAt("\\" + pound) {
                blank(2 + hashes)
            } else {
                blank(1)
            }
        }
    }

    private mutating func blankInterpolation() {
        var depth = 1
        while depth > 0, index < text.count {
            if let hashes = stringStart() {
                blankString(hashes: hashes)
                continue
            }
            if isAt("(") { depth += 1 }
            if isAt(")") { depth -= 1 }
            blank(1)
        }
    }
}
