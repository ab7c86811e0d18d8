/// Words and calls that our sources do without, and what to write in their place.
struct BannedCode: Sendable {
    var text: String
    var replacement: String
    /// Whether comments count too.
    var inComments = false
    /// The targets whose business it is.
    var allowedIn: Set<String> = []

    static let all: [BannedCode] = [
        BannedCode(text: "print(", replacement: "log through the Logger passed in; commands write to standard output"),
        BannedCode(text: "try!", replacement: "handle the error, or `precondition` with a message"),
        BannedCode(text: "fatalError(", replacement: "`preconditionFailure` with the invariant that broke"),
        BannedCode(text: "Date()", replacement: "take the time as a parameter (LabClock, or a closure for real time)"),
        BannedCode(text: "Thread.sleep", replacement: "wait on a condition or an event loop's timer"),
        BannedCode(text: "Task.detached", replacement: "a task of the structure that owns the work"),
        BannedCode(text: "unsafeFlags", replacement: "an attribute in the C target"),
        BannedCode(text: "import Foundation", replacement: "Glibc, Bytes or NIO"),
        BannedCode(text: "import Dispatch", replacement: "an event loop, or a thread that the engine owns"),
        BannedCode(
            text: "clock_gettime(", replacement: "the clock passed in", allowedIn: ["Daemon", "varve"]),
        BannedCode(text: "ContinuousClock", replacement: "the clock passed in", allowedIn: ["Daemon", "varve"]),
        BannedCode(
            text: "SystemRandomNumberGenerator", replacement: "the generator passed in",
            allowedIn: ["Daemon", "varve"]),
        BannedCode(
            text: "SystemRandom.bytes", replacement: "a closure that gives random bytes",
            allowedIn: ["Daemon", "varve"]),
        BannedCode(text: "TODO", replacement: "do it, or write it down where work is planned", inComments: true),
        BannedCode(text: "FIXME", replacement: "fix it, or write it down where work is planned", inComments: true),
        BannedCode(text: "XXX", replacement: "say what is meant", inComments: true),
    ]

    /// The lines of `source`, from 1, on which the word stands by itself.
    func lines(in source: SwiftSource) -> [Int] {
        let target = source.path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        if allowedIn.contains(target) { return [] }
        let lines = inComments ? source.lines : source.codeLines
        return lines.enumerated().filter { isIn($0.element) }.map { $0.offset + 1 }
    }

    private func isIn(_ line: String) -> Bool {
        line.ranges(of: text).contains { range in
            guard range.lowerBound > line.startIndex else { return true }
            let before = line[line.index(before: range.lowerBound)]
            return !before.isLetter && !before.isNumber && before != "_" && before != "."
        }
    }
}
