import Testing

/// The rules see what they should, and only that.
struct SwiftSourceTests {
    @Test func stringsAndCommentsAreNoCode() {
        let source = SwiftSource(
            path: "Sources/S3/a.swift",
            text: #"""
                let a = "try! { \(b("}")) print(" // try!
                /* try! /* { */ } */ let c = 1
                let d = #" \ " try! "# + x
                let e = """
                    try! " {
                    """
                """#)
        #expect(!source.codeLines.joined().contains("try!"))
        #expect(!source.codeLines.joined().contains("{"))
        #expect(!source.codeLines.joined().contains("}"))
        #expect(source.codeLines[1].contains("let c = 1"))
        #expect(source.codeLines[2].hasSuffix(" + x"))
        #expect(source.codeLines.count == source.lines.count)
        #expect(zip(source.lines, source.codeLines).allSatisfy { $0.utf8.count == $1.utf8.count })
    }

    @Test func functionsAreMeasuredByTheirBraces() {
        let source = SwiftSource(
            path: "Sources/S3/a.swift",
            text: """
                protocol P {
                    func required(_ a: Int) throws -> Int
                    init(b: Int)
                }
                func one() { "}" }
                func many(
                    _ body: () -> Void = { },
                    b: [Int]
                ) -> Int
                where Int: P {
                    if true { self.init() }
                    return 1
                }
                init?(c: Int) {
                }
                let initial = functional()
                """)
        #expect(
            source.functions == [
                .init(line: 5, lineCount: 1), .init(line: 6, lineCount: 8), .init(line: 14, lineCount: 2),
            ])
    }

    @Test func bannedCodeIsFound() {
        func found(_ text: String, path: String = "Sources/S3/a.swift") -> [String] {
            let source = SwiftSource(path: path, text: text)
            return BannedCode.all.filter { !$0.lines(in: source).isEmpty }.map(\.text)
        }
        #expect(found("    print(1)") == ["print("])
        #expect(found("debugPrint(1); fingerprint(1); x.print(1)") == [])
        #expect(found("x = try! y // fine") == ["try!"])
        #expect(found("// TODO later") == ["TODO"])
        #expect(found("import Foundation") == ["import Foundation"])
        #expect(found("clock_gettime(a, &b)") == ["clock_gettime("])
        #expect(found("clock_gettime(a, &b)", path: "Sources/Daemon/a.swift") == [])
    }
}
