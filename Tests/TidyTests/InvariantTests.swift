import Testing

/// The list of promises names tests that exist.
struct InvariantTests {
    private static let path = "docs/INVARIANTS.md"

    /// The names of all test functions.
    private static let tests: Set<String> = {
        var names: Set<String> = []
        for line in Repository.swiftTests.flatMap(\.codeLines) {
            for range in line.ranges(of: "func ") {
                names.insert(String(line[range.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }))
            }
        }
        // The tests with real clients are Python's.
        for path in Repository.files(in: "Tests/Clients", extensions: ["py"]) {
            for line in (Repository.text(path) ?? "").split(separator: "\n") where line.hasPrefix("def test_") {
                names.insert(String(line.dropFirst("def ".count).prefix { $0 != "(" }))
            }
        }
        return names
    }()

    /// What is wrong with a line of the list; nil for one that keeps the form or is none of it.
    private static func complaint(about line: String) -> String? {
        guard line.hasPrefix("- ") else { return nil }
        if line.hasSuffix("[not yet enforced]") { return nil }
        guard let mark = line.firstRange(of: "Enforced by: ") else {
            return "ends neither in `Enforced by:` nor `[not yet enforced]`"
        }
        let names = line[mark.upperBound...].split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
        if names.isEmpty { return "names no test" }
        let missing = names.filter { !tests.contains($0) }
        return missing.isEmpty ? nil : "names tests that do not exist: \(missing.joined(separator: ", "))"
    }

    @Test(.enabled(if: Repository.text(path) != nil, "the list is not written yet"))
    func promisesNameTestsThatExist() {
        let lines = (Repository.text(Self.path) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if let complaint = Self.complaint(about: String(line)) {
                Issue.record("\(Self.path):\(index + 1): \(complaint)")
            }
        }
        #expect(lines.contains { $0.contains("Enforced by: ") })
    }

    @Test func promisesWithoutTestsAreFound() {
        #expect(Self.complaint(about: "- A. Enforced by: `promisesWithoutTestsAreFound`") == nil)
        #expect(Self.complaint(about: "- A. Enforced by: `promisesWithoutTestsAreFound`, `noSuchTest`") != nil)
        #expect(Self.complaint(about: "- A. Enforced by: a test") != nil)
        #expect(Self.complaint(about: "- A.") != nil)
        #expect(Self.complaint(about: "- A. [not yet enforced]") == nil)
        #expect(Self.complaint(about: "# A heading") == nil)
    }
}
