/// Waiting for memory once for many keys.
extension MemtableTree {
    /// Brings nearer what searches for these keys will look at. The keys go down the tree together, a level at a time:
    /// while one waits for its next node, the others take their steps, and the waits overlap instead of adding up.
    ///
    /// Changes nothing but the time that the searches take. Costs a descent for each key.
    func prefetch(_ keys: [[UInt8]]) {
        let root = root
        root.prefetch()
        var nodes = [MemtableNode](repeating: root, count: keys.count)
        // Splits make leaves of the same depth: a node's level says how far it is.
        for _ in 0..<root.level {
            for index in keys.indices {
                nodes[index] = keys[index].withUnsafeBytes { key in
                    child(of: nodes[index], for: MemtablePosition(key: key, sequence: MemtablePosition.sequenceMax))
                }
                nodes[index].prefetch()
            }
        }
    }
}
