private import Glibc
private import LogStore
private import Synchronization

/// Takes lines from any thread into a buffer, and writes the buffer to a file descriptor from a thread of its own.
///
/// Taking a line is a lock and a copy. When the reader of the descriptor is too slow, lines are dropped and counted
/// rather than kept without end or waited for.
package final class LogSink: Sendable {
    private struct State {
        var buffer: [UInt8] = []
        var timestamp = TimestampText()
        var isStopping = false
    }

    /// How long a line may wait for company: many lines then share one write.
    private static let flushMilliseconds = 50
    /// Past this, a write is due at once.
    private static let flushBytes = 64 * 1024
    /// Past this, lines are dropped: seconds of full load, and small beside the memory budget.
    private static let bufferBytesMax = 4 << 20

    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private let state = Mutex(State())
    private let gate = ThreadGate()
    private let droppedLines = Atomic<Int>(0)
    private let thread = Mutex<SystemThread?>(nil)
    /// Serializes the writes of the flusher and of `flush()`.
    private let writing = Mutex(())

    /// A sink to an open descriptor, such as standard error's.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
        ownsDescriptor = false
        start()
    }

    /// A sink that appends to a file, created with mode 0600 when missing.
    ///
    /// - Throws: `LogSinkError` with the `errno`.
    package init(path: String) throws(LogSinkError) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        ownsDescriptor = true
        guard descriptor >= 0 else { throw LogSinkError(path: path, errno: errno) }
        start()
    }

    deinit {
        if ownsDescriptor, descriptor >= 0 { close(descriptor) }
    }

    /// Lines lost because the buffer was full or a write failed.
    package var droppedLineCount: Int { droppedLines.load(ordering: .relaxed) }

    /// Takes one line; `build` appends it without its newline. The second argument appends the present time.
    package func line(_ build: (inout LineBuilder) -> Void) {
        let (before, after) = state.withLock { state in
            let before = state.buffer.count
            guard before < Self.bufferBytesMax else {
                droppedLines.add(1, ordering: .relaxed)
                return (before, before)
            }
            var builder = LineBuilder(bytes: state.buffer, timestamp: state.timestamp)
            // Given up here so that the builder's appends do not copy.
            state.buffer = []
            build(&builder)
            builder.bytes.append(UInt8(ascii: "\n"))
            state.buffer = builder.bytes
            state.timestamp = builder.timestamp
            return (before, state.buffer.count)
        }
        guard before == 0 || (before < Self.flushBytes && after >= Self.flushBytes) else { return }
        gate.locked { gate.wakeOne() }
    }

    /// Writes what waits, now, on the calling thread.
    package func flush() {
        writing.withLock { _ in
            let bytes = state.withLock { state in
                let bytes = state.buffer
                state.buffer = []
                return bytes
            }
            guard !bytes.isEmpty else { return }
            if !Self.writeAll(bytes, to: descriptor) {
                droppedLines.add(bytes.count { $0 == UInt8(ascii: "\n") }, ordering: .relaxed)
            }
        }
    }

    /// Writes what waits and ends the thread. Lines taken later wait for a `flush()`.
    package func stop() {
        gate.locked {
            state.withLock { $0.isStopping = true }
            gate.wakeAll()
        }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
        flush()
    }

    private func start() {
        thread.withLock { $0 = SystemThread(name: "varve-log") { [self] in run() } }
    }

    private func run() {
        while waitForLines() { flush() }
    }

    /// Sleeps until lines wait and have waited long enough. False when stopping.
    private func waitForLines() -> Bool {
        gate.locked {
            while state.withLock({ $0.buffer.isEmpty && !$0.isStopping }) { gate.wait() }
            let isUrgent = state.withLock { $0.buffer.count >= Self.flushBytes || $0.isStopping }
            if !isUrgent { gate.wait(milliseconds: Self.flushMilliseconds) }
            return !state.withLock { $0.isStopping }
        }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = UnsafeRawBufferPointer(buffer)
            while let base = rest.baseAddress, rest.count > 0 {
                let written = write(descriptor, base, rest.count)
                if written < 0 {
                    if errno == EINTR { continue }
                    return false
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
            return true
        }
    }
}

/// A log file that cannot be opened.
package struct LogSinkError: Error, Equatable, Sendable {
    package let path: String
    package let errno: Int32
}

/// Builds one line at the end of a sink's buffer.
package struct LineBuilder {
    package var bytes: [UInt8]
    var timestamp: TimestampText

    /// Appends a moment, given in milliseconds since 1970.
    package mutating func appendTime(milliseconds: Int64) {
        timestamp.append(milliseconds: milliseconds, to: &bytes)
    }

    /// Appends text that is ASCII and needs no escape, as it is.
    package mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Appends text as it is.
    package mutating func appendRaw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends text with JSON's escapes.
    package mutating func appendEscaped(_ text: String) { JSONText.append(text, to: &bytes) }

    package mutating func append(_ number: UInt64) { JSONText.append(number, to: &bytes) }
}
