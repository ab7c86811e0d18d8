import Items

/// Where an operation asks for room in memory for a long answer, which waits there for its client.
package struct AnswerRoom: Sendable, Hashable {
    private let take: (@Sendable (Int) async -> Bool)?
    private let letOthersIn: (@Sendable () async -> Void)?

    /// Room there always is.
    package init() { (take, letOthersIn) = (nil, nil) }

    /// - Parameters:
    ///   - take: waits for room for so many bytes; returns false when the client has gone meanwhile.
    ///   - pause: lets others have the caller's thread.
    package init(take: @escaping @Sendable (Int) async -> Bool, pause: @escaping @Sendable () async -> Void) {
        (self.take, letOthersIn) = (take, pause)
    }

    /// Lets others have the caller's thread for a moment.
    func pause() async {
        guard let letOthersIn else { return await Task.yield() }
        await letOthersIn()
    }

    /// Waits until there is room for an answer of that many bytes. Once for an answer.
    ///
    /// - Throws: when the client has gone: nobody reads the error.
    func wait(for bytes: Int) async throws(DynamoDBError) {
        guard let take else { return }
        guard await take(bytes) else { throw DynamoDBError(.internalServerError, "The client has gone.") }
    }

    /// No part of what a context says.
    package static func == (first: Self, second: Self) -> Bool { true }

    package func hash(into hasher: inout Hasher) {}
}

/// A long answer in the making: lets others have the thread now and then, and takes room for itself.
struct LongAnswer {
    private let room: AnswerRoom
    private var bytesAtPause = 0
    private var hasRoom = false

    init(_ room: AnswerRoom) { self.room = room }

    /// Pauses when enough has been written since the last pause.
    ///
    /// - Parameters:
    ///   - count: bytes written so far.
    ///   - rest: bytes that may follow, at most.
    mutating func pause(at count: Int, beforeUpTo rest: Int) async throws(DynamoDBError) {
        guard count - bytesAtPause >= DynamoDBLimits.pauseBytes else { return }
        bytesAtPause = count
        await room.pause()
        guard !hasRoom else { return }
        hasRoom = true
        try await room.wait(for: count + rest)
    }
}

extension JSONWriter {
    /// A copy of a text that may be long: others have the thread now and then.
    func copyBytes(pausingIn room: AnswerRoom) async -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(count)
        while true {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[copy.count...])
            copy.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest.prefix(DynamoDBLimits.pauseBytes)))
            guard copy.count < count else { return copy }
            await room.pause()
        }
    }
}
