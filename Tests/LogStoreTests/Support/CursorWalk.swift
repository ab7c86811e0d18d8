import Bytes
import Testing

@testable import LogStore

/// Walks a cursor at random, both ways, beside the sorted keys that it should show.
struct CursorWalk {
    let cursor: Cursor
    /// What the cursor should show, in order.
    let expected: [(key: [UInt8], value: Expected)]
    /// The cursor stands before this one of them.
    private var index: Int
    private let lower: [UInt8]
    private let upper: [UInt8]?

    init(
        _ store: LogStore, _ keyspace: Keyspace, lower: [UInt8] = [], upper: [UInt8]? = nil, at snapshot: Snapshot?,
        model: Model
    ) {
        cursor = store.cursor(keyspace, lower: lower, upper: upper, at: snapshot)
        expected = model.filter { place, _ in
            place.keyspace == keyspace && !precedes(place.key, lower)
                && upper.map { precedes(place.key, $0) } ?? true
        }
        .map { (key: $0.key.key, value: $0.value) }
        .sorted { precedes($0.key, $1.key) }
        self.lower = lower
        self.upper = upper
        index = 0
    }

    /// Steps and seeks at random; `keys` are where it may seek to.
    mutating func run(
        steps: Int, keys: [[UInt8]], store: LogStore, random: inout SeededRandom, _ note: @autoclosure () -> String
    ) async throws {
        for _ in 0..<steps {
            let key = keys[Int.random(in: 0..<keys.count, using: &random)]
            let mayBlock = random.oneIn(2)
            switch Int.random(in: 0..<16, using: &random) {
            case 0, 1:
                let copy = { (key: UnsafeRawBufferPointer, head: UnsafeRawBufferPointer) in
                    Shown(key: [UInt8](key), head: [UInt8](head))
                }
                let found = mayBlock ? try cursor.withNextBlocking(copy) : try await cursor.withNext(copy)
                #expect(found == at(index).map(Shown.init), "\(note()): next in place")
                index = min(index + 1, expected.count)
            case 2..<6:
                let found = mayBlock ? try cursor.nextBlocking() : try await cursor.next()
                #expect(try view(found, store) == at(index), "\(note()): next")
                index = min(index + 1, expected.count)
            case 6..<12:
                let found = mayBlock ? try cursor.previousBlocking() : try await cursor.previous()
                #expect(try view(found, store) == at(index - 1), "\(note()): previous")
                index = max(index - 1, 0)
            case 12:
                cursor.seekToFirst()
                index = 0
            case 13:
                cursor.seekToLast()
                index = expected.count
            case 14:
                cursor.seek(key)
                index = expected.firstIndex { !precedes($0.key, key) } ?? expected.count
            default:
                cursor.seek(atOrBelow: key)
                index = expected.firstIndex { precedes(key, $0.key) } ?? expected.count
            }
        }
    }

    private struct View: Equatable {
        var key: [UInt8]
        var value: Expected
    }

    /// Key and head as they are seen in place.
    private struct Shown: Equatable {
        var key: [UInt8]
        var head: [UInt8]

        init(key: [UInt8], head: [UInt8]) {
            self.key = key
            self.head = head
        }

        init(_ view: View) {
            key = view.key
            switch view.value {
            case .value(let head, _): self.head = head
            case .counter(let value): head = withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
            }
        }
    }

    private func at(_ index: Int) -> View? {
        expected.indices.contains(index) ? View(key: expected[index].key, value: expected[index].value) : nil
    }

    private func view(_ entry: Cursor.Entry?, _ store: LogStore) throws -> View? {
        guard let entry else { return nil }
        let content = try store.bytes(entry.value.content)
        let value = Expected.value(head: entry.value.head, content: content)
        // A counter reads as a head of eight bytes.
        if case .counter? = expected.first(where: { $0.key == entry.key })?.value {
            return View(key: entry.key, value: .counter(entry.value.head.withUnsafeBytes { $0.counterDelta }))
        }
        return View(key: entry.key, value: value)
    }
}
