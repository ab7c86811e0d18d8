/// The damage that the store has met since it was opened: counted, and told once for each place. Thread-safe.
package final class DamageLog: Sendable {
    /// One damaged place.
    package struct Note: Sendable, Equatable {
        package var file: String
        package var offset: UInt64
        package var what: String
    }

    private struct Place: Hashable {
        var file: String
        var offset: UInt64
    }

    private struct State {
        var count = 0
        var known: Set<Place> = []
        var notes: [Note] = []
        var onDamage: (@Sendable (Note) -> Void)?
    }

    /// More places than this are counted, not listed.
    private static let notesMax = 1000

    private let state = Lock(State())

    /// How often damage was met.
    package var count: Int { state.withLock { $0.count } }

    /// The damaged places in the order in which they were met.
    package var notes: [Note] { state.withLock { $0.notes } }

    /// Has each new place told, and those met before at once. `body` must not call back.
    package func listen(_ body: @escaping @Sendable (Note) -> Void) {
        let before = state.withLock { state in
            state.onDamage = body
            return state.notes
        }
        before.forEach(body)
    }

    /// Takes note of damage, and passes on what is to be thrown.
    func noted(_ error: StoreError) -> StoreError {
        note(error)
        return error
    }

    func note(_ error: StoreError) {
        guard case .damaged(let file, let offset, let what) = error else { return }
        let note = Note(file: file, offset: offset, what: what)
        let tell = state.withLock { state -> (@Sendable (Note) -> Void)? in
            state.count += 1
            guard state.notes.count < Self.notesMax, state.known.insert(Place(file: file, offset: offset)).inserted
            else { return nil }
            state.notes.append(note)
            return state.onDamage
        }
        tell?(note)
    }
}
