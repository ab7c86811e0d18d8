/// One merge that the policy wants: which tables, and where they go.
struct CompactionPlan: Sendable, Equatable {
    enum Reason: Sendable, Equatable {
        /// Level 0 goes down.
        case level0
        /// Runs of level 0 are merged among themselves.
        case level0Runs
        /// A level holds more than its share.
        case levelSize
        /// Deletes hide too much, or lie too densely.
        case deletes
        /// The disk is nearly full.
        case space
        /// A table is rewritten in its place to empty dying extent files.
        case cleaning
    }

    var reason: Reason
    /// File numbers of the inputs, newest first: each list holds disjoint tables in order.
    var sources: [[UInt64]]
    var outputLevel: Int
    /// The run that the output becomes in level 0; 0 in deeper levels.
    var outputRun: UInt64 = 0
    /// Keys of these ranges do not go to `outputLevel` but stay in level 0, in `heldRun`: they lie over damaged tables.
    var held = KeyRanges()
    var heldRun: UInt64 = 0
    /// The tables change their level without being rewritten: there is nothing to merge them with.
    var isMove = false
}
