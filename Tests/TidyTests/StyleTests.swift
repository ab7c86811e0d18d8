import Foundation
import Testing

/// The rules of style that a machine can check. Every message says where, and what to do.
struct StyleTests {
    /// Columns of a line: that of the formatter, which leaves comments alone.
    private static let columnsMax = 120
    /// Lines of a file written by hand: what one can hold in mind.
    private static let fileLinesMax = 600
    /// Lines of a generated file.
    private static let generatedFileLinesMax = 1_500
    /// Lines of a function: a screen.
    private static let functionLinesMax = 70
    /// How far above `@unchecked Sendable` the reason may stand.
    private static let reasonLines = 6

    private static let allSwift = Repository.swiftSources + Repository.swiftTests

    @Test func bannedCodeIsAbsent() {
        for source in Repository.swiftSources {
            for banned in BannedCode.all {
                for line in banned.lines(in: source) {
                    Issue.record("\(source.path):\(line): no `\(banned.text)` here; instead: \(banned.replacement)")
                }
            }
        }
    }

    @Test func linesAreNotTooLong() {
        let others = Repository.files(in: "Sources", extensions: ["c", "h"])
        let files = Self.allSwift + others.map { SwiftSource(path: $0, text: Repository.text($0) ?? "") }
        for file in files {
            for (index, line) in file.lines.enumerated() where line.count > Self.columnsMax {
                Issue.record("\(file.path):\(index + 1): \(line.count) columns, at most \(Self.columnsMax): break it")
            }
        }
    }

    @Test func filesAreNotTooLong() {
        for file in Self.allSwift {
            let limit = file.path.contains("/Generated/") ? Self.generatedFileLinesMax : Self.fileLinesMax
            if file.lines.count > limit {
                Issue.record("\(file.path): \(file.lines.count) lines, at most \(limit): one noun a file, split it")
            }
        }
    }

    @Test func functionsAreNotTooLong() {
        for file in Self.allSwift where !file.path.contains("/Generated/") {
            for function in file.functions where function.lineCount > Self.functionLinesMax {
                let size = "\(function.lineCount) lines, at most \(Self.functionLinesMax)"
                Issue.record("\(file.path):\(function.line): \(size): split it")
            }
        }
    }

    @Test func uncheckedSendabilityHasItsReason() {
        for source in Repository.swiftSources {
            for (index, line) in source.codeLines.enumerated() where line.contains("@unchecked Sendable") {
                let above = source.lines[max(0, index - Self.reasonLines)..<index]
                if !above.contains(where: { $0.contains("//") }) {
                    Issue.record("\(source.path):\(index + 1): say in a comment above why this is safe to send")
                }
            }
        }
    }

    @Test func theFormatterHasNothingToSay() throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["swift", "format", "lint", "--strict", "--recursive", "Sources", "Tests", "Package.swift"]
        process.currentDirectoryURL = URL(fileURLWithPath: Repository.root)
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let complaints = text.split(separator: "\n").map { $0.replacing(Repository.root, with: "") }
        #expect(
            process.terminationStatus == 0,
            "run `swift format -i` on:\n\(complaints.prefix(20).joined(separator: "\n"))")
    }
}
