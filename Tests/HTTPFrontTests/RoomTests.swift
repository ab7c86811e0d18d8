import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import HTTPFront

/// The bound of what services hold whole, for all connections together.
@Suite struct RoomTests {
    private static let mebi = 1 << 20

    /// Holds each body whole, and answers with its length.
    private static let collectingService: @Sendable (HTTPRequest, ResponseWriter) async -> Void = { request, response in
        do throws(BodyError) {
            let bytes = try await request.body.collect(limit: 64 * mebi)
            response.send(.ok, headers: [:], body: ByteBuffer(string: "\(bytes.count)"))
        } catch {
            response.send(.badRequest, headers: [:], body: ByteBuffer(string: "\(error)"))
        }
    }

    /// - Parameter room: bytes of each room. Nobody is too slow, however loaded the machine is, unless a test says so.
    private static func limits(room: Int = mebi) -> FrontLimits {
        var limits = FrontLimits()
        limits.bodyIdleSeconds = 1000
        limits.contendedIdleSeconds = 1000
        limits.bodyRoomBytes = room
        limits.answerRoomBytes = room
        return limits
    }

    private static func head(_ length: Int) -> String {
        "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\n\r\n"
    }

    private static func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 65, count: count) }

    /// A client that has room for a body of that length, and has not sent the second half of it.
    private func holder(_ front: FrontFixture, _ length: Int = mebi) async throws -> RawClient {
        let client = try front.connect()
        client.send(Self.head(length))
        client.send(Self.bytes(length / 2))
        let room = front.server.shared.bodyRoom
        #expect(try await eventually { room.taken > 0 })
        return client
    }

    private func waits(_ front: FrontFixture, _ count: Int = 1) async throws {
        let room = front.server.shared.bodyRoom
        #expect(try await eventually { room.waiterCount == count })
    }

    // MARK: The room itself

    private final class Order: Sendable {
        let numbers = Mutex<[Int]>([])
    }

    @Test func itIsTakenInOrder() async throws {
        let room = Room(capacity: 10)
        #expect(room.tryTake(6))
        let order = Order()
        let tasks = [8, 1, 9].enumerated().map { number, bytes in
            Task {
                // Each in its turn.
                while room.waiterCount < number { await Task.yield() }
                let isTaken = await withCheckedContinuation { _ = room.take(bytes, $0) }
                order.numbers.withLock { $0.append(isTaken ? number : -1) }
                room.give(bytes)
            }
        }
        while room.waiterCount < 3 { await Task.yield() }
        // There would be room for the second, but not before the first.
        #expect(!room.tryTake(1) && order.numbers.withLock { $0.isEmpty })
        #expect(room.contendedSince != nil)
        room.give(6)
        for task in tasks { await task.value }
        // The last had to wait for both.
        #expect(order.numbers.withLock { $0.last } == 2)
        #expect(order.numbers.withLock { $0.sorted() } == [0, 1, 2])
        #expect(room.taken == 0 && room.contendedSince == nil)
    }

    @Test func whoGivesUpLetsTheNextIn() async throws {
        let room = Room(capacity: 10)
        #expect(room.tryTake(6))
        let ticket = Mutex<Room.Ticket?>(nil)
        let first = Task {
            await withCheckedContinuation { waiter in ticket.withLock { $0 = room.take(8, waiter) } }
        }
        while room.waiterCount < 1 { await Task.yield() }
        let second = Task { await withCheckedContinuation { _ = room.take(4, $0) } }
        while room.waiterCount < 2 { await Task.yield() }
        let given = try #require(ticket.withLock { $0 })
        room.giveUp(given)
        // Again, as when the connection closes just then.
        room.giveUp(given)
        #expect(await first.value == false)
        #expect(await second.value == true)
        #expect(room.taken == 10)
    }

    // MARK: Bodies

    @Test func aBodyWithoutRoomIsNotReadUntilThereIsSome() async throws {
        let size = 32 * Self.mebi
        try await FrontFixture.run(limits: Self.limits(room: size), service: Self.collectingService) { front in
            let first = try await holder(front, size)
            let second = try front.connect()
            second.send(Self.head(size))
            // What the kernel's two socket buffers take is out of our hands.
            let sent = second.sendWhileAccepted(upTo: size, patienceMilliseconds: 150)
            #expect(sent < 24 * Self.mebi)
            try await waits(front)
            // Those that need none are served meanwhile.
            let small = try front.connect()
            small.send(Self.head(60_000))
            small.send(Self.bytes(60_000))
            #expect(small.readResponse()?.text == "60000")
            first.send(Self.bytes(size / 2))
            #expect(first.readResponse()?.text == "\(size)")
            second.send(Self.bytes(size - sent))
            #expect(second.readResponse()?.text == "\(size)")
        }
    }

    @Test func aBodyInChunksTakesRoomForTheLongest() async throws {
        try await FrontFixture.run(limits: Self.limits(), service: Self.collectingService) { front in
            let first = try await holder(front)
            let second = try front.connect()
            second.send("PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            second.send("20000\r\n" + String(repeating: "x", count: 0x20000) + "\r\n0\r\n\r\n")
            try await waits(front)
            first.send(Self.bytes(Self.mebi / 2))
            #expect(first.readResponse()?.text == "\(Self.mebi)")
            #expect(second.readResponse()?.text == "\(0x20000)")
        }
    }

    @Test func continueIsAnsweredWhenThereIsRoom() async throws {
        try await FrontFixture.run(limits: Self.limits(), service: Self.collectingService) { front in
            let first = try await holder(front)
            let second = try front.connect()
            second.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n")
            try await waits(front)
            #expect(second.hasNothingToRead)
            first.send(Self.bytes(Self.mebi / 2))
            #expect(first.readResponse()?.status == 200)
            #expect(second.readResponse()?.status == 100)
            second.send(Self.bytes(100_000))
            #expect(second.readResponse()?.text == "100000")
        }
    }

    @Test func aBodyThatNeedsMoreThanThereIsGetsAllOfIt() async throws {
        try await FrontFixture.run(limits: Self.limits(), service: Self.collectingService) { front in
            let client = try front.connect()
            client.send(Self.head(3 * Self.mebi))
            client.send(Self.bytes(3 * Self.mebi))
            #expect(client.readResponse()?.text == "\(3 * Self.mebi)")
        }
    }

    @Test func clientsThatGoLeaveTheirRoomAndTheirPlace() async throws {
        try await FrontFixture.run(limits: Self.limits(), service: Self.collectingService) { front in
            do {
                let first = try await holder(front)
                do {
                    let waiting = try front.connect()
                    waiting.send(Self.head(Self.mebi))
                    let finished = try front.connect()
                    finished.send(Self.head(Self.mebi))
                    finished.finishSending()
                    try await waits(front)
                    #expect(finished.readResponse()?.text == "incomplete")
                }
                try await waits(front, 0)
                first.send("x")
            }
            let room = front.server.shared.bodyRoom
            #expect(try await eventually { room.taken == 0 })
            let last = try front.connect()
            last.send(Self.head(Self.mebi))
            last.send(Self.bytes(Self.mebi))
            #expect(last.readResponse()?.text == "\(Self.mebi)")
        }
    }

    @Test(arguments: [false, true])
    func aSlowBodyEndsWhenOthersWaitForItsRoom(isTrickling: Bool) async throws {
        var limits = Self.limits()
        limits.contendedIdleSeconds = isTrickling ? 0.5 : 0.1
        // A mebibyte may take a second more.
        limits.contendedBytesPerSecond = Self.mebi
        try await FrontFixture.run(limits: limits, service: Self.collectingService) { front in
            let slow = try await holder(front)
            let isOver = Mutex(false)
            async let trickle: Void = {
                while isTrickling, !isOver.withLock({ $0 }) {
                    slow.send("x")
                    try? await Task.sleep(for: .milliseconds(20))
                }
            }()
            let other = try front.connect()
            other.send(Self.head(Self.mebi))
            other.send(Self.bytes(Self.mebi))
            #expect(other.readResponse()?.text == "\(Self.mebi)")
            isOver.withLock { $0 = true }
            await trickle
            #expect(slow.readResponse()?.text == "timedOut")
        }
    }

    // MARK: Answers

    @Test func anAnswerNobodyReadsEndsWhenOthersWaitForItsRoom() async throws {
        let size = 32 * Self.mebi
        var limits = Self.limits(room: size)
        limits.contendedIdleSeconds = 0.1
        try await FrontFixture.run(limits: limits) { _, response in
            guard (try? await response.takeRoom(for: size)) != nil else { return }
            response.start(.ok, headers: ["Content-Length": "\(size)"])
            let piece = ByteBuffer(repeating: 67, count: Self.mebi)
            for _ in 0..<(size / Self.mebi) { guard (try? await response.write(piece)) != nil else { return } }
            response.end()
        } test: { front in
            let slow = try front.connect()
            slow.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            let room = front.server.shared.answerRoom
            #expect(try await eventually { room.taken == size })
            #expect(try front.connect().get("/b")?.body.count == size)
            #expect(slow.readResponse() == nil)
            #expect(try await eventually { room.taken == 0 })
        }
    }

    @Test func pipelinedRequestsWaitForTheAnswersBeforeThemToBeRead() async throws {
        let served = Mutex(0)
        let count = 200
        try await FrontFixture.run { _, response in
            served.withLock { $0 += 1 }
            response.send(.ok, headers: [:], body: ByteBuffer(repeating: 67, count: Self.mebi))
        } test: { front in
            let client = try front.connect()
            client.send(String(repeating: "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", count: count))
            var seen = -1
            _ = try await eventually {
                let now = served.withLock { $0 }
                defer { seen = now }
                return now > 0 && now == seen
            }
            // What the kernel's two socket buffers take, and a little.
            #expect(served.withLock { $0 } < 24)
            for _ in 0..<count { #expect(client.readResponse()?.body.count == Self.mebi) }
        }
    }

    @Test func aPauseLetsTheLoopsOtherConnectionsIn() async throws {
        let isOver = Mutex(false)
        try await FrontFixture.run { request, response in
            if request.target == "/end" { isOver.withLock { $0 = true } }
            // A loop that is never left, but for the pauses.
            while !isOver.withLock({ $0 }) { await response.pause() }
            response.send(.ok, headers: [:], body: nil)
        } test: { front in
            let busy = try front.connect()
            busy.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try front.connect().get("/end")?.status == 200)
            #expect(busy.readResponse()?.status == 200)
        }
    }

    // MARK: Clients that close their side

    @Test(arguments: [false, true])
    func whatIsReadAtTheEndHasABound(isTooMuch: Bool) async throws {
        // So little that the kernel holds all of it for a server that does not read.
        let size = 60_000
        var limits = Self.limits()
        limits.roomlessBytes = 1000
        limits.inboundBufferBytes = 8000
        limits.receiveBytesStreaming = limits.receiveBytesIdle
        if isTooMuch { limits.overrunBytesMax = 4000 }
        try await FrontFixture.run(limits: limits, service: Self.collectingService) { front in
            let first = try await holder(front)
            let client = try front.connect()
            client.send(Self.head(size))
            client.send(Self.bytes(size))
            client.finishSending()
            let shared = front.server.shared
            func overrun() -> Int { shared.overrunBytes.value.load(ordering: .relaxed) }
            if isTooMuch {
                #expect(client.readResponse()?.text == "incomplete")
            } else {
                #expect(try await eventually { overrun() > 16_000 })
                first.send(Self.bytes(Self.mebi / 2))
                #expect(client.readResponse()?.text == "\(size)")
            }
            #expect(try await eventually { overrun() == 0 })
        }
    }

    @Test func tooManyPipelinedRequestsAtTheEndAreBrokenOff() async throws {
        let (gate, opener) = AsyncStream<Void>.makeStream()
        var limits = Self.limits()
        limits.queuedPartsMax = 1000
        try await FrontFixture.run(limits: limits) { _, response in
            for await _ in gate { break }
            response.send(.ok, headers: [:], body: nil)
        } test: { front in
            let client = try front.connect()
            // What the kernel holds for a server that does not read.
            client.send(String(repeating: "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", count: 2000))
            client.finishSending()
            #expect(client.readResponse() == nil)
            opener.yield()
            #expect(try await eventually { front.keeper.records.count == 1 })
        }
    }
}
