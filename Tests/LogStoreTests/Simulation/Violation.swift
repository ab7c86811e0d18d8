/// What a run found wrong.
struct Violation: Error, CustomStringConvertible {
    var description: String
}
