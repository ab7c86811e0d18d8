/// What sort of work is due. The raw value is in the store and in `docs/format/due.md`: never reuse or renumber one.
package struct DueKind: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }
}
